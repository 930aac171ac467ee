// Package e2e walks through the program as people do: the real binary, a demonstration town, a real browser. It refuses to
// reach into the program: what a journey knows, it has read on a page or in what a command printed.
package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"giaoban/internal/web/webtest"
)

// built is the binary and a demonstration database, made once.
var built = sync.OnceValues(func() (struct {
	binary string
	town   []byte
}, error) {
	out := struct {
		binary string
		town   []byte
	}{binary: filepath.Join(work, "giaoban")}
	build := exec.Command("go", "build", "-o", out.binary, "./cmd/giaoban")
	build.Dir = ".."
	if text, err := build.CombinedOutput(); err != nil {
		return out, fmt.Errorf("build: %w\n%s", err, text)
	}
	dir := filepath.Join(work, "town")
	if text, err := exec.Command(out.binary, "demo", "--data", dir, "--init-only").CombinedOutput(); err != nil {
		return out, fmt.Errorf("demo: %w\n%s", err, text)
	}
	var err error
	out.town, err = os.ReadFile(filepath.Join(dir, "giaoban.db"))
	return out, err
})

// work is the folder of the run.
var work string

func TestMain(m *testing.M) {
	var err error
	if work, err = os.MkdirTemp("", "giaoban-e2e"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(work)
	os.Exit(code)
}

// site is a demonstration town of its own, served by the program on a free port of loopback.
type site struct {
	t                testing.TB
	url, binary, dir string
}

var printedURL = regexp.MustCompile(`http://[0-9.]+:[0-9]+`)

// newSite starts a town. When the test ends, the program must stop when told to, have logged no error, and every total must
// be right.
func newSite(t testing.TB) *site {
	t.Helper()
	b, err := built()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, binary: b.binary, dir: t.TempDir()}
	if err := os.WriteFile(filepath.Join(s.dir, "giaoban.db"), b.town, 0o600); err != nil {
		t.Fatal(err)
	}
	s.start("demo", "--data", s.dir, "--addr", "127.0.0.1:0")
	return s
}

// newBare starts a site without anything, as somebody does who has just got the program; code is what the console asks for.
func newBare(t testing.TB) (s *site, code string) {
	t.Helper()
	b, err := built()
	if err != nil {
		t.Fatal(err)
	}
	s = &site{t: t, binary: b.binary, dir: t.TempDir()}
	lines := s.start("serve", "--db", filepath.Join(s.dir, "giaoban.db"), "--addr", "127.0.0.1:0")
	select {
	case line := <-lines:
		code = line[strings.LastIndex(line, " ")+1:]
	case <-time.After(10 * time.Second):
		t.Fatal("the console asks for no set-up code")
	}
	return s, code
}

// start runs the program until it says where it answers, and gives the lines that it prints after that.
func (s *site) start(args ...string) <-chan string {
	t := s.t
	t.Helper()
	c := exec.Command(s.binary, args...)
	var log bytes.Buffer
	c.Stderr = &log
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for s.url == "" && lines.Scan() {
		s.url = printedURL.FindString(lines.Text())
	}
	t.Cleanup(func() { s.stop(c, &log) })
	if s.url == "" {
		_ = c.Process.Kill()
		t.Fatalf("the program printed no address:\n%s", log.String())
	}
	more := make(chan string, 1)
	go func() {
		for lines.Scan() { // read on, whoever asks: a full pipe would stop the program
			select {
			case more <- lines.Text():
			default:
			}
		}
	}()
	return more
}

func (s *site) stop(c *exec.Cmd, log *bytes.Buffer) {
	s.t.Helper()
	_ = c.Process.Signal(syscall.SIGTERM)
	done := make(chan error, 1)
	go func() { done <- c.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			s.t.Errorf("the program ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		_ = c.Process.Kill()
		<-done
		s.t.Error("the program did not stop when told to")
	}
	for _, line := range strings.Split(log.String(), "\n") {
		if strings.Contains(line, "level=ERROR") {
			s.t.Errorf("the program logged: %s", line)
		}
	}
	out, err := s.run("verify", "--db", filepath.Join(s.dir, "giaoban.db"), "--json")
	if err != nil || !strings.HasPrefix(out, `{"differences":0,`) {
		s.t.Errorf("verify after the journey: %v\n%s", err, out)
	}
}

// run runs a command of the program and gives all that it printed.
func (s *site) run(args ...string) (string, error) {
	out, err := exec.Command(s.binary, args...).CombinedOutput()
	return string(out), err
}

// client is a visitor without a browser.
func (s *site) client() *webtest.Client { s.t.Helper(); return webtest.At(s.t, s.url) }

// enter signs a client in as the demonstration's person of that name.
func enter(t testing.TB, c *webtest.Client, person string) *webtest.Client {
	t.Helper()
	var id string
	p := c.Get("/dang-nhap").OK()
	for _, form := range p.Find("form[action='/trinh-dien/vao']").EachIter() {
		if strings.TrimSpace(form.Find("strong").Text()) == "Vào với vai "+person {
			id, _ = form.Find("[name=person]").Attr("value")
		}
	}
	if id == "" {
		t.Fatalf("the sign-in page offers no %s", person)
	}
	c.PostForm("/trinh-dien/vao", "person", id).Is(303)
	return c
}

// People of the demonstration, by what they may do.
const (
	office    = "Hoàng Văn Thử Nghiệm"
	chair     = "Trần Thị Ví Dụ"
	editor    = "Đặng Thị Minh Họa"
	publisher = "Mai Thị Thử Nghiệm"
	follower  = "Trịnh Văn Ví Dụ"
	deputy    = "Cao Thị Giả Định" // of the women's union, who may act for its head
	women     = "Lê Thị Ví Dụ B"
	area      = "Bùi Văn Giả Định"
	keeper    = "Vũ Thị Minh Họa" // of a ward's book of contributions
	auditor   = "Đỗ Thị Ví Dụ"
	admin     = "Phạm Văn Mẫu"
)
