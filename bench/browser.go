package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// browser is a real browser that is told what to do over a pipe. It is measured as officers have it, so it draws what it is told to
// draw; the program itself does not carry a library for that.
type browser struct {
	cmd     *exec.Cmd
	to      *os.File
	from    *bufio.Reader
	asked   int
	session string
}

var errNoBrowser = errors.New("no browser")

// openBrowser starts Chromium with a profile in dir and one page.
func openBrowser(ctx context.Context, dir string) (*browser, error) {
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil, errNoBrowser
	}
	theirIn, to, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	from, theirOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	b := &browser{to: to, from: bufio.NewReaderSize(from, 1<<20)}
	b.cmd = exec.CommandContext(ctx, path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-component-update",
		"--no-first-run", "--lang=vi", "--remote-debugging-pipe", "--user-data-dir="+filepath.Join(dir, "browser"), "about:blank")
	b.cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4, as the browser expects them
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	_, _ = theirIn.Close(), theirOut.Close() // the browser has them
	var made struct{ TargetID, SessionID string }
	if err := b.call(ctx, "Target.createTarget", map[string]any{"url": "about:blank"}, &made); err != nil {
		return nil, errors.Join(err, b.close())
	}
	if err := b.call(ctx, "Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &made); err != nil {
		return nil, errors.Join(err, b.close())
	}
	b.session = made.SessionID
	if err := b.call(ctx, "Page.bringToFront", nil, nil); err != nil {
		return nil, errors.Join(err, b.close())
	}
	if err := b.call(ctx, "Emulation.setDeviceMetricsOverride", map[string]any{"width": 1280, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *browser) close() error {
	_ = b.to.Close()
	_ = b.cmd.Process.Kill() // the process that was started here, and no other
	_ = b.cmd.Wait()
	return nil
}

// call sends a command and waits for its answer; what the browser tells meanwhile is not listened to.
func (b *browser) call(ctx context.Context, method string, params map[string]any, out any) error {
	b.asked++
	if params == nil {
		params = map[string]any{}
	}
	ask := map[string]any{"id": b.asked, "method": method, "params": params}
	if b.session != "" {
		ask["sessionId"] = b.session
	}
	text, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		return err
	}
	for ctx.Err() == nil {
		line, err := b.from.ReadBytes(0)
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		var answer struct {
			ID     int
			Result json.RawMessage
			Error  struct{ Message string }
		}
		if err := json.Unmarshal(line[:len(line)-1], &answer); err != nil {
			return err
		}
		switch {
		case answer.ID != b.asked:
		case answer.Error.Message != "":
			return fmt.Errorf("%s: %s", method, answer.Error.Message)
		case out == nil:
			return nil
		default:
			return json.Unmarshal(answer.Result, out)
		}
	}
	return ctx.Err()
}

// eval runs a script in the page and reads what it answers.
func (b *browser) eval(ctx context.Context, script string, out any) error {
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := b.call(ctx, "Runtime.evaluate", map[string]any{"expression": script, "awaitPromise": true, "returnByValue": true}, &got); err != nil {
		return err
	}
	if e := got.ExceptionDetails; e != nil {
		return fmt.Errorf("%s %s", e.Text, e.Exception.Description)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(got.Result.Value, out)
}

// wait waits until a script answers true.
func (b *browser) wait(ctx context.Context, script string) error {
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var ok bool
		if err := b.eval(ctx, "!!("+script+")", &ok); err == nil && ok {
			return nil
		}
	}
	var text string
	_ = b.eval(ctx, `document.querySelector(".save-bar")?.innerText ?? document.body.innerText.slice(0, 500)`, &text)
	return fmt.Errorf("the page never came to %s: %s", script, text)
}

// press presses a key and lets it go. A key of one letter types it.
func (b *browser) press(ctx context.Context, key string, code int) error {
	down := map[string]any{"type": "keyDown", "key": key, "windowsVirtualKeyCode": code}
	if len(key) == 1 {
		down["text"] = key
	}
	if key == "Enter" {
		down["text"] = "\r"
	}
	if err := b.call(ctx, "Input.dispatchKeyEvent", down, nil); err != nil {
		return err
	}
	return b.call(ctx, "Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "windowsVirtualKeyCode": code}, nil)
}
