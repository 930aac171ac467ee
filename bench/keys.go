package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"giaoban/internal/viet"
)

// slowed is how much slower than this machine an officer's old one is.
const slowed = 4

// Keys are pressed as a quick hand does, and a column is pasted as it comes from a spreadsheet.
const (
	keyPause    = 120 * time.Millisecond
	keyCells    = 40 // four keys each: three digits and Enter
	pastedCells = 60

	// In a part of the form whose cells take any number.
	typedFrom  = 190
	pastedFrom = 240
)

// timing keeps how long each press of a key takes until the page shows what came of it, as the browser itself measures it
// (Event Timing). What is quicker than a frame is not told, and counts as one.
const timing = `(() => {
	window.took = new Map();
	new PerformanceObserver((list) => {
		for (const e of list.getEntries()) if (e.interactionId && e.name.startsWith("key")) window.took.set(e.interactionId, Math.max(e.duration, window.took.get(e.interactionId) ?? 0));
	}).observe({ type: "event", durationThreshold: 16, buffered: false });
	return true;
})()`

const frame = 16 * time.Millisecond

// keys measures a press of a key on the form of many cells in a slowed browser, and a column pasted. The line and the site are
// those of this machine.
func (m *measuring) keys(ctx context.Context, a *asked) error {
	b, err := openBrowser(ctx, m.dir)
	if errors.Is(err, errNoBrowser) {
		m.note(m.engine, "keys: a key pressed in a slowed browser", "not measured: no browser", 0)
		return nil
	}
	if err != nil {
		return err
	}
	defer b.close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: a.site, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()
	base, last := "http://"+listener.Addr().String(), len(a.cookies)-1
	for _, step := range []func() error{
		func() error {
			return b.call(ctx, "Network.setCookie", map[string]any{"name": a.cookies[last].Name, "value": a.cookies[last].Value, "url": base}, nil)
		},
		func() error {
			return b.call(ctx, "Emulation.setCPUThrottlingRate", map[string]any{"rate": slowed}, nil)
		},
		func() error { return b.call(ctx, "Page.navigate", map[string]any{"url": base + a.sheetOf(last)}, nil) },
		func() error { return b.wait(ctx, `document.querySelector("form[data-ready]")`) },
		func() error { return m.typed(ctx, a, b) },
		func() error { return m.pasted(ctx, b) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (m *measuring) typed(ctx context.Context, a *asked, b *browser) error {
	var cells int
	if err := b.eval(ctx, timing+` && (document.querySelectorAll("input.cell")[`+fmt.Sprint(typedFrom)+`].focus(), document.querySelectorAll("input.cell").length)`, &cells); err != nil {
		return err
	}
	if cells != len(a.keys) {
		return fmt.Errorf("the sheet has %d cells, want %d", cells, len(a.keys))
	}
	time.Sleep(time.Second) // what the opening of the page has left to do is not a key's
	r := rand.New(rand.NewPCG(4, 4))
	pressed := 0
	for range keyCells {
		for range 3 {
			if err := b.press(ctx, fmt.Sprint(1+r.IntN(9)), '1'); err != nil {
				return err
			}
			pressed++
			time.Sleep(keyPause)
		}
		if err := b.press(ctx, "Enter", '\r'); err != nil {
			return err
		}
		pressed++
		time.Sleep(keyPause)
	}
	time.Sleep(time.Second) // the browser tells in its own time
	var told []float64
	if err := b.eval(ctx, `[...window.took.values()]`, &told); err != nil {
		return err
	}
	took := make([]time.Duration, pressed)
	for i := range took {
		took[i] = frame
		if i < len(told) {
			took[i] = max(frame, time.Duration(told[i]*float64(time.Millisecond)))
		}
	}
	what := fmt.Sprintf("keys: a key pressed on a form of %d cells, %dx slowed browser, until it shows", cells, slowed)
	m.note(m.engine, what+", p50", round(quantile(took, 0.5)), quantile(took, 0.5).Seconds())
	m.atMost(m.engine, what+", p95", quantile(took, 0.95), 50*time.Millisecond)
	return nil
}

// Saved means answered by the site, each cell by itself.
const (
	allSaved = `!document.querySelector("form[data-keeping]") && document.querySelector(".entry-status").innerText.startsWith("✓")`
	shown    = `await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))`
)

func (m *measuring) pasted(ctx context.Context, b *browser) error {
	if err := b.wait(ctx, allSaved); err != nil {
		return err
	}
	rows := make([]string, pastedCells)
	for i := range rows {
		rows[i] = viet.FormatInt(int64(1000+i), 0)
	}
	var ms float64
	if err := b.eval(ctx, fmt.Sprintf(`(async () => {
		document.querySelectorAll("input.cell")[%d].focus();
		const data = new DataTransfer();
		data.setData("text/plain", %q);
		const began = performance.now();
		document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
		%s;
		return performance.now() - began;
	})()`, pastedFrom, strings.Join(rows, "\n")+"\n", shown), &ms); err != nil {
		return err
	}
	began := time.Now()
	if err := b.wait(ctx, allSaved); err != nil {
		return err
	}
	what := fmt.Sprintf("keys: %d cells pasted, %dx slowed browser", pastedCells, slowed)
	m.atMost(m.engine, what+", until they show", time.Duration(ms*float64(time.Millisecond)), 200*time.Millisecond)
	m.atMost(m.engine, what+", until each is saved", time.Since(began), 5*time.Second)
	return nil
}
