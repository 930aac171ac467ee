package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"sync"
)

// compress sends text compressed to those who take it. Our pages carry no secret that a reader's input could be
// compared with (there is no token in forms), so compression tells nothing.
func compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if r.Method == http.MethodHead || !acceptsGzip(r) {
			next.ServeHTTP(w, r)
			return
		}
		c := &compressor{ResponseWriter: w}
		next.ServeHTTP(c, r)
		c.close()
	})
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, q, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			return strings.ReplaceAll(q, " ", "") != "q=0"
		}
	}
	return false
}

func compressible(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	switch kind = strings.TrimSpace(kind); kind {
	case "application/json", "application/xml", "application/atom+xml", "image/svg+xml":
		return true
	}
	return strings.HasPrefix(kind, "text/")
}

var zippers = sync.Pool{New: func() any { return gzip.NewWriter(io.Discard) }}

// compressor decides at the first byte, when the content type is known.
type compressor struct {
	http.ResponseWriter
	zip     *gzip.Writer
	decided bool
}

func (c *compressor) WriteHeader(status int) {
	if !c.decided && status >= 200 {
		c.decided = true
		h := c.Header()
		if status != http.StatusNoContent && status != http.StatusNotModified && status != http.StatusPartialContent &&
			h.Get("Content-Encoding") == "" && compressible(h.Get("Content-Type")) {
			h.Set("Content-Encoding", "gzip")
			h.Del("Content-Length")
			c.zip = zippers.Get().(*gzip.Writer)
			c.zip.Reset(c.ResponseWriter)
		}
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *compressor) Write(b []byte) (int, error) {
	if !c.decided {
		if c.Header().Get("Content-Type") == "" {
			c.Header().Set("Content-Type", http.DetectContentType(b))
		}
		c.WriteHeader(http.StatusOK)
	}
	if c.zip != nil {
		return c.zip.Write(b)
	}
	return c.ResponseWriter.Write(b)
}

func (c *compressor) close() {
	if c.zip == nil {
		return
	}
	_ = c.zip.Close() // the reader has gone
	c.zip.Reset(io.Discard)
	zippers.Put(c.zip)
}

func (c *compressor) Unwrap() http.ResponseWriter { return c.ResponseWriter }
