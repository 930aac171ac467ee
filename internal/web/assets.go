package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"

	"giaoban/assets"
)

// asset is a file as it is sent: whole, and compressed where that helps.
type asset struct {
	data, zipped []byte
	contentType  string
	etag         string
}

type assetTree struct {
	hash  string
	files map[string]asset
}

// tree reads the embedded files once. One hash stands for all of them: script modules import one another by relative
// path, so a file cannot have an address of its own.
var tree = sync.OnceValue(func() assetTree {
	t := assetTree{files: map[string]asset{}}
	all := sha256.New()
	err := fs.WalkDir(assets.Files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := assets.Files.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		all.Write([]byte(name))
		all.Write(sum[:])
		a := asset{data: data, contentType: contentTypeOf(name), etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
		if compressible(a.contentType) {
			var b bytes.Buffer
			z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a valid one
			if _, err := z.Write(data); err != nil {
				return err
			}
			if err := z.Close(); err != nil {
				return err
			}
			a.zipped = b.Bytes()
		}
		t.files[name] = a
		return nil
	})
	if err != nil {
		panic(err) // the files are embedded: that they cannot be read is a programmer's error
	}
	t.hash = hex.EncodeToString(all.Sum(nil)[:6])
	return t
})

// contentTypeOf does not ask the machine's own list of types, which differs from one to the next.
func contentTypeOf(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".woff2":
		return "font/woff2"
	case ".md", ".txt":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// Asset is the address of a file under assets/, which changes when any of them does.
func Asset(name string) string { return "/assets/" + tree().hash + "/" + name }

// AssetVersion changes when any asset does.
func AssetVersion() string { return tree().hash }

// serveAsset serves an address with the present hash for ever, any other with a check by ETag.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	t := tree()
	first, rest, _ := strings.Cut(r.PathValue("path"), "/")
	a, ok := t.files[rest]
	if !ok {
		if a, ok = t.files[r.PathValue("path")]; !ok {
			http.NotFound(w, r)
			return
		}
	}
	h := w.Header()
	h.Set("Cache-Control", "public, no-cache")
	if ok && first == t.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	h.Set("Content-Type", a.contentType)
	h.Set("Vary", "Accept-Encoding")
	body, etag := a.data, a.etag
	if a.zipped != nil && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body, etag = a.zipped, strings.TrimSuffix(a.etag, `"`)+`-gz"`
	}
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader has gone
	}
}
