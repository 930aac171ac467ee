package e2e

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"giaoban/internal/web/webtest"
)

// person is somebody at a browser.
type person struct {
	*webtest.Window
	t       testing.TB
	marks   int
	scripts bool
}

// browse opens a browser window on the site, with JavaScript or without.
func (s *site) browse(scripts bool) *person {
	s.t.Helper()
	p := &person{Window: webtest.Browser(s.t, s.url), t: s.t, scripts: scripts}
	p.Scripts(scripts)
	return p
}

// enter signs in with the demonstration's one click.
func (p *person) enter(name string) *person {
	p.t.Helper()
	p.visit("/dang-nhap").press("form[action='/trinh-dien/vao'] button", "Vào với vai "+name)
	if who := p.Text(".account"); !strings.Contains(who, name) {
		p.t.Fatalf("signed in as %q, want %s", who, name)
	}
	return p
}

// leave signs out.
func (p *person) leave() *person {
	p.t.Helper()
	return p.press("form[action='/dang-xuat'] button", "")
}

// mark finds the first element of a selector whose text holds a text, opens what it is folded into, and gives a selector
// for it.
func (p *person) mark(selector, text string) string {
	p.t.Helper()
	p.marks++
	name := strconv.Itoa(p.marks)
	found := p.Eval(fmt.Sprintf(`(() => {
		const plain = s => s.replace(/\s+/g, " ");
		const e = [...document.querySelectorAll(%q)].find(e => plain(e.textContent).includes(%q) || plain(e.innerText).includes(%q));
		if (!e) return "none";
		for (let d = e.closest("details:not([data-confirm])"); d; d = d.parentElement.closest("details:not([data-confirm])"))
			if (!e.matches("summary") || e.parentElement !== d) d.open = true;
		e.setAttribute("data-e2e", %q);
		return "found";
	})()`, selector, text, text, name))
	if found != "found" {
		p.t.Fatalf("%s has no %s with the text %q:\n%s", p.Path(), selector, text, p.excerpt())
	}
	return "[data-e2e='" + name + "']"
}

// press clicks a button or link and waits for the next page, through the question that some buttons ask first.
func (p *person) press(selector, text string) *person {
	p.t.Helper()
	at := p.mark(selector, text)
	if p.Eval(fmt.Sprintf(`!!document.querySelector(%q).closest("details[data-confirm]")`, at)) == "true" {
		summary := p.Eval(fmt.Sprintf(`(() => {
			const s = document.querySelector(%q).closest("details[data-confirm]").querySelector("summary");
			s.setAttribute("data-e2e", "ask");
			return "[data-e2e=ask]";
		})()`, at))
		p.Click(summary).Wait(fmt.Sprintf(`document.querySelector(%q)?.checkVisibility()`, at))
	}
	p.Submit(at)
	return p.alive()
}

// visit goes to a path and demands that it is a page and no problem.
func (p *person) visit(path string) *person {
	p.t.Helper()
	p.Open(path)
	return p.alive()
}

// alive demands that the window shows a page of the site that found what it was asked for.
func (p *person) alive() *person {
	p.t.Helper()
	if status := p.Eval(`String(performance.getEntriesByType("navigation")[0]?.responseStatus)`); status != "200" {
		p.t.Fatalf("%s answered %s:\n%s", p.Path(), status, p.excerpt())
	}
	return p
}

// put types into the field of that name, however deep it is folded.
func (p *person) put(name, value string) *person {
	p.t.Helper()
	at := p.mark(fmt.Sprintf("main [name=%q]:not([type=hidden])", name), "")
	kind := p.Eval(fmt.Sprintf(`document.querySelector(%q).matches("select, textarea, [type=date], [type=time], [type=radio]") ? "set" : "type"`, at))
	if kind == "type" {
		p.Fill(name, value)
		return p
	}
	done := p.Eval(fmt.Sprintf(`(() => {
		const e = document.querySelector(%q), v = %q;
		if (e.type === "radio") {
			const r = [...document.getElementsByName(e.name)].find(r => r.value === v);
			r?.click();
			return String(r?.checked);
		}
		if (e.tagName === "SELECT") {
			const o = [...e.options].find(o => o.value === v || o.text.includes(v));
			if (!o) return "no such choice among " + [...e.options].map(o => o.text).join(" | ");
			e.value = o.value;
		} else e.value = v;
		e.dispatchEvent(new Event("input", {bubbles: true}));
		e.dispatchEvent(new Event("change", {bubbles: true}));
		return "true";
	})()`, at, value))
	if done != "true" {
		p.t.Fatalf("%s: field %s does not take %q: %s", p.Path(), name, value, done)
	}
	return p
}

// value is what stands in the field of that name.
func (p *person) value(name string) string {
	p.t.Helper()
	return p.Eval(fmt.Sprintf(`document.querySelector(%q)?.value ?? ""`, fmt.Sprintf("main [name=%q]", name)))
}

// sees demands that the page shows each of the texts.
func (p *person) sees(texts ...string) *person {
	p.t.Helper()
	all := strings.Join(strings.Fields(p.Eval(`document.body.textContent`)), " ")
	for _, text := range texts {
		if !strings.Contains(all, text) {
			p.t.Errorf("%s must show %q:\n%s", p.Path(), text, p.excerpt())
		}
	}
	return p
}

func (p *person) excerpt() string {
	text := []rune(p.Text("main"))
	return string(text[:min(len(text), 1500)])
}

// number reads the whole number that a text begins with or holds first: "644 buổi" is 644, "1.671" is 1671.
func number(t testing.TB, text string) int64 {
	t.Helper()
	digits := strings.Builder{}
	for _, r := range text {
		if r >= '0' && r <= '9' {
			digits.WriteRune(r)
		} else if r != '.' && digits.Len() > 0 {
			break
		}
	}
	n, err := strconv.ParseInt(digits.String(), 10, 64)
	if err != nil {
		t.Fatalf("no number in %q", text)
	}
	return n
}
