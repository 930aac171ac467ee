package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	gomail "github.com/wneessen/go-mail"

	"giaoban/internal/clock"
)

//go:embed templates
var files embed.FS

// letters are the templates by language and name; each begins with its subject on the first line.
var letters = map[string]*template.Template{"vi": parse("vi"), "en": parse("en")}

func parse(language string) *template.Template {
	return template.Must(template.New(language).Option("missingkey=error").Funcs(template.FuncMap{
		"moment": func(ms string) (string, error) { return moment(language, ms) },
		"lines":  func(text string) []string { return strings.Split(text, "\n") },
	}).ParseFS(files, "templates/"+language+"/*.txt"))
}

// moment says UTC milliseconds in Vietnam's time.
func moment(language, ms string) (string, error) {
	n, err := strconv.ParseInt(ms, 10, 64)
	if err != nil {
		return "", fmt.Errorf("%q is no moment", ms)
	}
	at := clock.At(n)
	if language == "en" {
		return at.Format("15:04 on 2 January 2006") + " (Vietnam time)", nil
	}
	return at.Format("15:04") + " ngày " + at.Format("02/01/2006"), nil
}

// checkData holds a message to its template: a key too few or too many is a programmer's error, found when the letter is
// asked for and not when it is sent.
func checkData(m Message) error {
	k, ok := kinds[m.Template]
	if !ok {
		return fmt.Errorf("mail: no template %q", m.Template)
	}
	for _, key := range k.needs {
		if m.Data[key] == "" {
			return fmt.Errorf("mail: template %s needs %s", m.Template, key)
		}
	}
	for key := range m.Data {
		if !slices.Contains(k.needs, key) && !slices.Contains(k.takes, key) {
			return fmt.Errorf("mail: template %s takes no %s", m.Template, key)
		}
	}
	if path := m.Data["Path"]; (m.Data["Code"] != "") != (path != "") || path != "" && !strings.HasPrefix(path, "/") {
		return fmt.Errorf("mail: a code needs the page where it is typed, and the page a code: %s", m.Template)
	}
	if len(k.whats) > 0 && !slices.Contains(k.whats, m.Data["What"]) {
		return fmt.Errorf("mail: template %s knows no %q", m.Template, m.Data["What"])
	}
	for _, key := range []string{"At", "Until"} {
		if m.Data[key] == "" {
			continue
		}
		if _, err := moment("vi", m.Data[key]); err != nil {
			return fmt.Errorf("mail: %s: %w", key, err)
		}
	}
	return nil
}

// items is the one key of data that may hold several lines.
const items = "Items"

// write makes subject and body of a letter.
func write(s setup, m Message) (subject, body string, err error) {
	data := map[string]string{"Name": m.ToName, "Site": s.siteName, "URL": s.site, "Choice": kinds[m.Template].choice}
	for _, key := range kinds[m.Template].takes {
		data[key] = ""
	}
	maps.Copy(data, m.Data)
	for key, value := range data {
		if key == items {
			lines := strings.Split(value, "\n")
			for i := range lines {
				lines[i] = oneLine(lines[i])
			}
			data[key] = strings.Join(lines, "\n")
			continue
		}
		data[key] = oneLine(value)
	}
	var b bytes.Buffer
	if err := letters[m.Language].ExecuteTemplate(&b, m.Template+".txt", data); err != nil {
		return "", "", err
	}
	subject, body, found := strings.Cut(b.String(), "\n\n")
	if !found || strings.Contains(subject, "\n") {
		return "", "", errors.New("the template does not begin with its subject and an empty line")
	}
	return subject, body, nil
}

// compose makes the letter as it goes out. Its Message-ID holds the id of its row, by which a bounce finds it.
func compose(s setup, id string, m Message, now time.Time) (*gomail.Msg, error) {
	subject, body, err := write(s, m)
	if err != nil {
		return nil, err
	}
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	back := s.back
	if back == "" {
		back = s.from
	}
	name := s.fromName
	if name == "" {
		name = s.siteName
	}
	out.EnvelopeFromMailAddress(&mail.Address{Address: back})
	out.FromMailAddress(&mail.Address{Name: tidyName(name), Address: s.from})
	out.ToMailAddress(&mail.Address{Name: tidyName(m.ToName), Address: m.To})
	out.Subject(subject)
	out.SetDateWithValue(now)
	out.SetMessageIDWithValue(id + "@" + s.siteHost())
	out.SetGenHeader("Auto-Submitted", "auto-generated")   // RFC 3834: no holiday notes in answer
	out.SetGenHeader("X-Auto-Response-Suppress", "All")    // the same for Exchange
	out.SetGenHeader(gomail.HeaderContentLang, m.Language) // RFC 3282
	if choice := kinds[m.Template].choice; choice != "" {
		out.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+s.site+choice+">") // RFC 2369: mail programs show it as a button
	}
	out.SetBodyString(gomail.TypeTextPlain, body)
	return out, nil
}
