package web

import (
	"net/http"

	"giaoban/internal/fault"
)

// atOnce is how many heavy answers are made at a time: each may take tens of megabytes and a core for a second.
const atOnce = 4

// Heavy lets a handler that makes a document or reads a file run beside a few others only, so that a flood of them leaves
// memory and processors to the pages. Who waits longer than a request may last is told to come back.
func Heavy(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		site := stateOf(r.Context()).site
		select {
		case site.heavy <- struct{}{}:
		case <-r.Context().Done():
			return fault.Unavailable("Nhiều tệp đang được lập cùng lúc. Xin thử lại sau ít phút.")
		}
		defer func() { <-site.heavy }()
		return h(w, r)
	}
}
