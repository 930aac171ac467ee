package e2e

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// tab walks with the keyboard to the field of that name and types.
func (p *person) tab(name, value string) *person {
	p.t.Helper()
	for range 40 {
		p.Do(chromedp.KeyEvent("\t"))
		if p.Eval(`document.activeElement?.name ?? ""`) == name {
			p.Do(chromedp.KeyEvent(value))
			return p
		}
	}
	p.t.Fatalf("%s: the keyboard does not reach %s", p.Path(), name)
	return p
}

// choose walks to the choice of that name and goes down it to the text.
func (p *person) choose(name, text string) *person {
	p.t.Helper()
	p.tab(name, "")
	down, err := strconv.Atoi(p.Eval(fmt.Sprintf(`(s => [...s.options].slice(s.selectedIndex).findIndex(o => o.text.includes(%q)))(document.activeElement)`, text)))
	if err != nil || down < 0 {
		p.t.Fatalf("%s: %s offers no %q", p.Path(), name, text)
	}
	p.Do(chromedp.KeyEvent(strings.Repeat(kb.ArrowDown, down)))
	if got := p.Eval(`document.activeElement.selectedOptions[0].text`); !strings.Contains(got, text) {
		p.t.Fatalf("%s: %s is %q after %d steps down, want %q", p.Path(), name, got, down, text)
	}
	return p
}

// key walks with the keyboard to the first button of a selector that bears a text, presses it and waits for the next page.
func (p *person) key(selector, text string) *person {
	p.t.Helper()
	at := p.mark(selector, text)
	p.Eval(`(document.activeElement?.blur(), window.scrollTo(0, 0), "")`)
	for range 120 {
		p.Do(chromedp.KeyEvent("\t"))
		if p.Eval(fmt.Sprintf(`document.activeElement === document.querySelector(%q)`, at)) == "true" {
			p.Eval(`(window.leaving = true, "")`)
			p.Do(chromedp.KeyEvent("\r")).Wait(`!window.leaving && document.readyState === "complete"`)
			return p.alive()
		}
	}
	p.t.Fatalf("%s: the keyboard does not reach %s %q", p.Path(), selector, text)
	return p
}

// focus walks with the keyboard to the button, link or summary that holds a text.
func (p *person) focus(text string) *person {
	p.t.Helper()
	for range 80 {
		p.Do(chromedp.KeyEvent("\t"))
		if p.Eval(fmt.Sprintf(`String(document.activeElement !== document.body && !document.activeElement.matches("main") && document.activeElement.textContent.includes(%q))`, text)) == "true" {
			return p
		}
	}
	p.t.Fatalf("%s: the keyboard does not reach %q:\n%s", p.Path(), text, p.excerpt())
	return p
}

// strike presses Enter and waits for a page.
func (p *person) strike(until string) *person {
	p.t.Helper()
	p.Do(chromedp.KeyEvent("\r")).Wait(until + ` && document.readyState === "complete"`)
	return p
}

// plain demands a page that everybody can use, wide and narrow. axe is a script itself.
func (p *person) plain() *person {
	p.t.Helper()
	if !p.scripts {
		p.NoHorizontalScroll().Resize(1280)
		return p
	}
	p.Axe().NoHorizontalScroll().Axe().Resize(1280)
	return p
}
