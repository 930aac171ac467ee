package auth

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // the form in which lists of leaked passwords are published; it protects nothing here
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// Leaked is a file of leaked passwords as “Pwned Passwords” is published, sorted by hash: a line each of the SHA-1 as 40
// hexadecimal digits, with or without a colon and a count. It may be larger than the memory: it is searched where it lies.
type Leaked struct {
	file *os.File
	size int64
}

// ErrNoLeaked says that a file is no such list.
var ErrNoLeaked = errors.New("not a list of SHA-1 hashes sorted by hash")

// digits is how long a hash is, maxLine how long a line may be.
const (
	digits  = 2 * sha1.Size
	maxLine = digits + 1 + 20 + 2
)

// OpenLeaked opens a list, and looks at some of its lines.
func OpenLeaked(path string) (*Leaked, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	l := &Leaked{file: f, size: info.Size()}
	if err := l.check(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return l, nil
}

// check looks at a thousand places: each line must be a hash, and none smaller than one before.
func (l *Leaked) check() error {
	const places = 1000
	var last []byte
	for i := range int64(places) {
		hash, _, err := l.lineAt(l.size * i / places)
		if errors.Is(err, io.EOF) && last != nil {
			return nil
		}
		if err != nil || bytes.Compare(hash, last) < 0 {
			return ErrNoLeaked
		}
		last = hash
	}
	return nil
}

// Close closes the file.
func (l *Leaked) Close() error { return l.file.Close() }

// Has tells whether the list holds a password.
func (l *Leaked) Has(password string) (bool, error) {
	sum := sha1.Sum([]byte(password)) //nolint:gosec // see the import
	want := bytes.ToUpper([]byte(hex.EncodeToString(sum[:])))
	low, high := int64(0), l.size // the line that is looked for, if there is one, begins in [low, high)
	for low < high {
		middle := low + (high-low)/2
		hash, next, err := l.lineAt(middle)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, fmt.Errorf("search the leaked passwords: %w", err)
		}
		switch order := bytes.Compare(want, hash); {
		case err != nil || order < 0: // no line begins in [middle, high) that could be it
			high = middle
		case order == 0:
			return true, nil
		default:
			low = next
		}
	}
	return false, nil
}

// lineAt reads the first line that begins at or behind a place: its hash in capitals, and where the next line begins. io.EOF says
// that none does.
func (l *Leaked) lineAt(at int64) (hash []byte, next int64, err error) {
	buf := make([]byte, 2*maxLine)
	from := max(at-1, 0) // a line begins at the place itself when the sign before it ends a line
	n, err := l.file.ReadAt(buf, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, 0, err
	}
	buf = buf[:n]
	if at > 0 {
		end := bytes.IndexByte(buf, '\n')
		if end < 0 {
			if n < 2*maxLine {
				return nil, 0, io.EOF
			}
			return nil, 0, ErrNoLeaked
		}
		buf, from = buf[end+1:], from+int64(end)+1
	}
	if len(bytes.TrimSpace(buf)) == 0 {
		return nil, 0, io.EOF
	}
	line, _, _ := bytes.Cut(buf, []byte("\n"))
	hash, _, _ = bytes.Cut(bytes.TrimRight(line, "\r"), []byte(":"))
	if len(hash) != digits {
		return nil, 0, ErrNoLeaked
	}
	if _, err := hex.Decode(make([]byte, sha1.Size), hash); err != nil {
		return nil, 0, ErrNoLeaked
	}
	return bytes.ToUpper(hash), from + int64(len(line)) + 1, nil
}
