package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// DefaultAddress is loopback: who wants the network says so.
const DefaultAddress = "127.0.0.1:8080"

// Serve answers on addr until ctx ends, then lets the requests under way finish. An empty addr is DefaultAddress.
func Serve(ctx context.Context, addr string, handler http.Handler, log *slog.Logger) error {
	if addr == "" {
		addr = DefaultAddress
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	return ServeOn(ctx, l, handler, log)
}

// ServeOn is Serve on an open listener, for those who must know the port before the first request.
func ServeOn(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       5 * time.Minute, // an upload of 25 MB over a slow line
		WriteTimeout:      7 * time.Minute, // counted from the header on, so it holds the reading too
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	log.Info("listening", "address", "http://"+l.Addr().String())
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
