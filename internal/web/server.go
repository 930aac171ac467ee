package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"time"
)

// ServeOn answers on an open listener until ctx ends, then lets the requests under way finish. With secure it speaks TLS;
// nil is plain HTTP, for this machine alone or behind a proxy.
func ServeOn(ctx context.Context, l net.Listener, secure *tls.Config, handler http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           handler,
		TLSConfig:         secure,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       5 * time.Minute, // an upload of 25 MB over a slow line
		WriteTimeout:      7 * time.Minute, // counted from the header on, so it holds the reading too
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(nameless{log.Handler()}, slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() {
		if secure != nil {
			done <- srv.ServeTLS(l, "", "")
			return
		}
		done <- srv.Serve(l)
	}()
	log.Info("listening", "address", l.Addr().String(), "tls", secure != nil)
	select {
	case err := <-done:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return errors.Join(fmt.Errorf("shut down: %w", err), srv.Close())
	}
	return nil
}

// nameless takes the addresses out of what net/http logs (failed handshakes): the log holds no personal data.
type nameless struct{ slog.Handler }

var from = regexp.MustCompile(`\b(from|serving|to) \S+:\d+`)

func (h nameless) Handle(ctx context.Context, r slog.Record) error {
	plain := slog.NewRecord(r.Time, r.Level, from.ReplaceAllString(r.Message, "$1 …"), r.PC)
	return h.Handler.Handle(ctx, plain)
}
