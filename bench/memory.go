package bench

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"
)

// serverMemory starts this same program as a server on the site, reads from it, and answers its resident memory in MB.
func serverMemory(ctx context.Context, dsn string) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self, "serve", "--db", dsn, "--addr", "127.0.0.1:0")
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
	client := &http.Client{Timeout: 5 * time.Second}
	for range 200 {
		res, err := client.Get(base + "healthz")
		if err != nil {
			return 0, err
		}
		res.Body.Close()
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
