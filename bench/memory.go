package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// pageViews is how many pages the server is asked for before its memory is read.
const pageViews = 200

// serverMemory starts this same program as a server on the site, signs in as the viewer, opens tables of totals of many
// units, and answers the server's resident memory in MB.
func (m *measuring) serverMemory(ctx context.Context) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "serve", "--db", m.dsn, "--addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() { // the process that was started here, and no other
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return 0, fmt.Errorf("server said nothing: %w", err)
	}
	base := strings.TrimSpace(line[strings.Index(line, "http://"):])
	jar, err := cookiejar.New(nil)
	if err != nil {
		return 0, err
	}
	client := &http.Client{Timeout: 30 * time.Second, Jar: jar}
	if err := read200(client.PostForm(base+"dang-nhap", url.Values{"login": {viewerLogin}, "password": {viewerPassword}, "tiep": {"/so-lieu"}})); err != nil {
		return 0, fmt.Errorf("sign in: %w", err)
	}
	for i := range pageViews {
		u := m.root
		if i%2 == 1 {
			u = m.units[i*41%len(m.units)]
		}
		page := base + "so-lieu/" + u.Code + "/" + m.periods[i%m.quarters].Slug() + "/tong-hop"
		if err := read200(client.Get(page)); err != nil {
			return 0, fmt.Errorf("%s: %w", page, err)
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	var kb float64
	for l := range strings.Lines(string(status)) {
		if n, _ := fmt.Sscanf(l, "RssAnon: %f kB", &kb); n == 1 {
			return kb / 1024, nil
		}
	}
	return 0, fmt.Errorf("no memory line for the server")
}

func read200(res *http.Response, err error) error {
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %s", res.Status)
	}
	return nil
}
