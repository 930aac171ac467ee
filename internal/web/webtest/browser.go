package webtest

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axeSource is axe-core 4.14.1, under the Mozilla Public License 2.0 (axe/LICENSE).
//
//go:embed axe/axe.min.js
var axeSource string

// Window is a tab of a real browser with a profile of its own.
type Window struct {
	t    testing.TB
	ctx  context.Context
	base string
}

// Browser opens a tab for a site. A missing Chromium skips the test, or fails it where GIAOBAN_REQUIRE is set.
func Browser(t testing.TB, base string) *Window {
	t.Helper()
	path := chromium()
	if path == "" {
		if os.Getenv("GIAOBAN_REQUIRE") != "" {
			t.Fatal("no Chromium on this machine: the browser tests cannot run")
		}
		t.Skip("no Chromium on this machine")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "vi"), chromedp.WSURLReadTimeout(60*time.Second))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(alloc)
	ctx, expire := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(func() { expire(); cancel(); stop() })
	w := &Window{t: t, ctx: ctx, base: strings.TrimSuffix(base, "/")}
	return w.Dark(false).Resize(1280)
}

func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Do runs browser steps.
func (w *Window) Do(steps ...chromedp.Action[chromedp.Void]) *Window {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, steps...); err != nil {
		w.t.Fatalf("browser: %v", err)
	}
	return w
}

// Context is for steps that the window has no verb for.
func (w *Window) Context() context.Context { return w.ctx }

// Resize sets the window's width.
func (w *Window) Resize(width int) *Window {
	w.t.Helper()
	return w.Do(chromedp.EmulateViewport(int64(width), 900))
}

// Scripts switches JavaScript on or off for the pages that follow.
func (w *Window) Scripts(on bool) *Window {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	if err != nil {
		w.t.Fatalf("browser: %v", err)
	}
	return w
}

// Dark sets whether the window's owner prefers dark pages.
func (w *Window) Dark(on bool) *Window {
	w.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		// Without reduced motion a colour would be measured on its way from one to the other.
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		w.t.Fatalf("browser: %v", err)
	}
	return w
}

// Open goes to a path of the site and waits for it to load.
func (w *Window) Open(path string) *Window {
	w.t.Helper()
	return w.Do(chromedp.Navigate(w.base + path))
}

// Click clicks the first element of a CSS selector and, when that leaves the page, waits for the next.
func (w *Window) Click(selector string) *Window {
	w.t.Helper()
	return w.Do(chromedp.Click(chromedp.CSS(selector)))
}

// Submit clicks and waits for the page that answers.
func (w *Window) Submit(selector string) *Window {
	w.t.Helper()
	if _, err := chromedp.RunResponse(w.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		w.t.Fatalf("browser: submit %s: %v", selector, err)
	}
	return w
}

// Fill types into the field with that name.
func (w *Window) Fill(name, value string) *Window {
	w.t.Helper()
	selector := chromedp.CSS(fmt.Sprintf("[name=%q]", name))
	return w.Do(chromedp.Clear(selector), chromedp.SendKeys(selector, value))
}

// Eval gives the value of a JavaScript expression, promises awaited, as JSON would print it.
func (w *Window) Eval(expression string) string {
	w.t.Helper()
	text, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](
		"Promise.resolve("+expression+").then(v => typeof v === 'string' ? v : JSON.stringify(v) ?? '')", chromedp.EvalAwaitPromise))
	if err != nil {
		w.t.Fatalf("browser: %s: %v", expression, err)
	}
	return text
}

// Path is where the window is now.
func (w *Window) Path() string { w.t.Helper(); return w.Eval("location.pathname + location.search") }

// Text is the visible text of the first element of a selector, or "".
func (w *Window) Text(selector string) string {
	w.t.Helper()
	return w.Eval(fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

// Wait asks until an expression is true, for at most ten seconds. A page that is left meanwhile is no error: the next one
// is asked.
func (w *Window) Wait(expression string) *Window {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		ok, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
		if err == nil && ok {
			return w
		}
		if time.Now().After(end) {
			w.t.Fatalf("browser: waited at %s for %s (%v)", w.Path(), expression, err)
		}
	}
}

// Screenshot writes a PNG of the whole page at that width.
func (w *Window) Screenshot(path string, width int) *Window {
	w.t.Helper()
	w.Resize(width)
	png, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err != nil {
		w.t.Fatalf("browser: screenshot: %v", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, png, 0o600); err != nil {
		w.t.Fatal(err)
	}
	return w
}

// Axe runs axe-core's rules for WCAG 2.2 A and AA on the page as it stands and fails on each violation.
func (w *Window) Axe() *Window {
	w.t.Helper()
	if _, err := chromedp.Run(w.ctx, chromedp.Evaluate[string]("(function(){"+axeSource+"})(), ''")); err != nil {
		w.t.Fatalf("browser: load axe-core: %v", err)
	}
	found := w.Eval(`axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r =>
		r.violations.map(v => v.id + ": " + v.help + "\n" + v.nodes.map(n => "    " + n.html.slice(0, 200) + "\n      " + n.failureSummary.replaceAll("\n", "\n      ")).join("\n")).join("\n"))`)
	if found != "" {
		w.t.Errorf("axe-core finds at %s:\n%s", w.Path(), found)
	}
	return w
}

// NoHorizontalScroll fails when the page is wider than a window of 320 pixels, and names what sticks out.
func (w *Window) NoHorizontalScroll() *Window {
	w.t.Helper()
	w.Resize(320)
	wide := w.Eval(`document.documentElement.scrollWidth`)
	if n, err := strconv.Atoi(wide); err != nil || n > 320 {
		culprits := w.Eval(`[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > 321 &&
			!e.closest(".table-scroll > *")).slice(0, 5).map(e => e.outerHTML.slice(0, 120)).join("\n")`)
		w.t.Errorf("%s is %s px wide at 320:\n%s", w.Path(), wide, culprits)
	}
	return w
}

// Beside opens a second tab of the same browser: it shares its cookies.
func (w *Window) Beside() *Window {
	w.t.Helper()
	ctx, cancel := chromedp.NewContext(w.ctx)
	w.t.Cleanup(cancel)
	return (&Window{t: w.t, ctx: ctx, base: w.base}).Dark(false).Resize(1280)
}
