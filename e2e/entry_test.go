package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"giaoban/internal/web/webtest"
)

const sheet = "/so-lieu/P01.K01/2019-q4"

// grid is the sheet in a browser, worked by keyboard.
type grid struct{ *webtest.Window }

func (g grid) ready() grid {
	g.Wait(`document.querySelector("form[data-ready]")`)
	return g
}

func (g grid) at(key string) grid {
	g.Eval(fmt.Sprintf(`(document.querySelector('[name="v-%s"]').focus(), "")`, key))
	return g
}

func (g grid) typed(text string) grid {
	g.Do(chromedp.KeyEvent(text))
	return g
}

func (g grid) with(key string, modifier chromedp.KeyOption) grid {
	g.Do(chromedp.KeyEvent(key, modifier))
	return g
}

func (g grid) value(key string) string {
	return g.Eval(fmt.Sprintf(`document.querySelector('[name="v-%s"]').value`, key))
}

func (g grid) state(key, state string) grid {
	g.Wait(fmt.Sprintf(`document.querySelector('[name="v-%s"]').closest("td").querySelector('[data-state="%s"]')`, key, state))
	return g
}

// paste puts a block on the clipboard's way, as the browser does for Ctrl+V.
func (g grid) paste(text string) grid {
	g.Eval(fmt.Sprintf(`(() => { const d = new DataTransfer(); d.setData("text/plain", %q); document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: d, bubbles: true, cancelable: true })); return "" })()`, text))
	return g
}

// keys are the cells that can be written, in the order of the page.
func (g grid) keys() []string {
	return strings.Fields(g.Eval(`[...document.querySelectorAll("input.cell")].map(i => i.name.slice(2)).join(" ")`))
}

func (g grid) allSaved() grid {
	// Sixty cells go one after another, which may take its time on a machine that does other things.
	const saved = `!document.querySelector("form[data-keeping]") && document.querySelector(".entry-status").innerText.includes("Mọi ô đã lưu")`
	for end := time.Now().Add(time.Minute); g.Eval(saved) != "true" && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	g.Wait(saved)
	return g
}

// TestEntry walks through an officer's twenty minutes on a bad line: type, paste, undo, lose the line, type on, reload, come back,
// meet a colleague in a cell.
func TestEntry(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	enter(t, s.client(), office).PostForm("/ky/moi", "period", "2019-Q4", "due", "2020-01-05").Follow().OK()
	line := webtest.NewLine(t, s.url)
	over := *s
	over.url = line.URL
	g := grid{over.browse(true).enter(area).Window}
	g.Open(sheet)
	g.ready()
	keys := g.keys()
	if len(keys) < 85 {
		t.Fatalf("the sheet has %d cells, the journey needs 85", len(keys))
	}

	// Keys as a spreadsheet has them; the reading stands beside.
	g.at(keys[0]).typed("1,5 nghìn").typed(kb.Enter)
	g.state(keys[0], "saved")
	g.Wait(fmt.Sprintf(`document.querySelector('[name="v-%s"]').closest("td").innerText.includes("= 1.500")`, keys[0]))
	if at := g.Eval(`document.activeElement.name`); at != "v-"+keys[1] {
		t.Errorf("Enter leads to %s, want %s", at, keys[1])
	}
	g.typed("7").typed(kb.Tab).typed(kb.ArrowUp).typed("8").typed(kb.Escape).allSaved()
	if got := g.value(keys[1]); got != "7" {
		t.Errorf("Esc left %q, want 7", got)
	}
	g.at(keys[2]).typed("").with("d", chromedp.KeyModifiers(chromedp.ModifierCtrl)).allSaved() // Ctrl+D
	if got := g.value(keys[2]); got != "7" {
		t.Errorf("Ctrl+D filled in %q", got)
	}

	// Sixty cells from a spreadsheet, undone, done again. Each is saved by itself.
	var block []string
	for i := range 60 {
		block = append(block, fmt.Sprint(i+10))
	}
	from := keys[3]
	g.at(from).paste(strings.Join(block, "\n") + "\n").allSaved()
	pasted := func() int {
		var n int
		if _, err := fmt.Sscan(g.Eval(`[...document.querySelectorAll("input.cell")].slice(3).filter(i => i.value).length`), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	some := pasted()
	if some < 50 {
		t.Fatalf("%d of the sixty cells hold something", some)
	}
	g.at(from).with("z", chromedp.KeyModifiers(chromedp.ModifierCtrl)).allSaved()
	if got := pasted(); got != 0 {
		t.Errorf("after the undo %d cells hold something", got)
	}
	g.at(from).with("y", chromedp.KeyModifiers(chromedp.ModifierCtrl)).allSaved()
	g.at(from).paste("1\t2\t3\n4\t5\t6\n").Wait(`document.querySelector(".entry-message").innerText.includes("2 dòng, 3 cột")`)
	g.Open(sheet)
	g.ready()
	if got := pasted(); got != some {
		t.Errorf("the site holds %d of the pasted cells, want %d", got, some)
	}

	// The line goes; twenty more cells; the page is loaded again and holds them.
	g.Wait(`navigator.serviceWorker.controller`)
	g.Open(sheet)
	g.ready()
	line.Cut()
	rest := keys[len(keys)-20:]
	for i, k := range rest {
		g.at(k).typed(fmt.Sprint(200 + i)).typed(kb.Enter)
	}
	g.Wait(`document.querySelector(".entry-status").innerText.includes("Mất mạng. 20 ô chờ gửi")`)
	g.Open(sheet)
	g.ready()
	g.Wait(`document.querySelector(".entry-status").innerText.includes("20 ô chờ gửi")`)
	if got := g.value(rest[4]); got != "204" {
		t.Errorf("after a reload without a line the cell holds %q", got)
	}
	g.at(rest[0]).typed("không rõ").typed(kb.Enter).state(rest[0], "refused") // the same rules as on line
	g.at(rest[0]).typed("200").typed(kb.Enter).state(rest[0], "waiting")
	g.Axe()

	// Meanwhile a colleague writes one of them.
	other := enter(t, s.client(), office)
	other.PostForm(sheet, "v-"+rest[7], "5555", "o-"+rest[7], "", "e-"+rest[7], "0").Follow().OK()

	line.Mend()
	g.Eval(`(dispatchEvent(new Event("online")), "")`)
	g.state(rest[7], "conflict")
	g.Wait(`!document.querySelector(".entry-status").innerText.includes("chờ gửi")`)
	g.state(rest[19], "saved")

	// The chooser shows both; the officer's value is chosen, and nothing is lost.
	g.Open(sheet + "/chon").Wait(`document.body.innerText.includes("5.555")`)
	g.Axe().NoHorizontalScroll().Resize(1280)
	g.Submit(`.rivals [data-value="sau"] button`)
	g.Open(sheet)
	g.ready()
	for i, k := range rest {
		if got := g.value(k); got != fmt.Sprint(200+i) {
			t.Errorf("%s holds %q, want %d", k, got, 200+i)
		}
	}
	g.Axe().NoHorizontalScroll().Resize(1280)

	// The session ends: what is typed waits for the same person, and is not shown to another.
	out := g.Beside()
	out.Open("/").Submit(`form[action="/dang-xuat"] button`)
	g.at(keys[0]).typed("1234").typed(kb.Enter)
	g.Wait(`document.querySelector(".entry-status").innerText.includes("Phiên đăng nhập đã kết thúc")`)
	if kept := g.Eval(`caches.keys().then(k => k.filter(n => n.startsWith("giaoban-sheets-")).length)`); kept != "0" {
		t.Errorf("after signing out %s sheets' caches are left", kept)
	}
	p := &person{Window: g.Window, t: t}
	p.enter(office)
	g.Open(sheet)
	g.ready().allSaved()
	if got := g.value(keys[0]); got == "1234" {
		t.Error("another person is shown what was typed")
	}
	p.leave()
	p.enter(area)
	g.Open(sheet)
	g.ready().allSaved()
	g.Open(sheet)
	if got := g.ready().value(keys[0]); got != "1234" {
		t.Errorf("the same person's cell was lost: %q", got)
	}
}
