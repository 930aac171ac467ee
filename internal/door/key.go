package door

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/setting"
)

// Key is the site's secret, which the database does not hold: a copy of the database alone does not let anyone make the
// codes of somebody's second factor (ADR 11). It is a text that the machine's owner gives, or a file beside the database that
// is made when it is first needed.
type Key struct{ text, path string }

// minKey is the fewest signs of a key: openssl rand -base64 32 gives 44.
const minKey = 32

// KeyText takes a key that is given.
func KeyText(text string) (Key, error) {
	text = strings.TrimSpace(text)
	if len(text) < minKey {
		return Key{}, fault.Refusedf("Khóa bí mật của trang phải dài ít nhất %d ký tự. Tạo một khóa: openssl rand -base64 32", minKey)
	}
	return Key{text: text}, nil
}

// KeyFile names the file of a key.
func KeyFile(path string) Key { return Key{path: path} }

// Path is the key's file; empty when the key is given as a text or there is none.
func (k Key) Path() string { return k.path }

// None tells a site without a key.
func (k Key) None() bool { return k == Key{} }

// secret gives the key's text, and makes the file when it is not there yet.
func (k Key) secret() (string, error) {
	switch {
	case k.text != "":
		return k.text, nil
	case k.path == "":
		return "", fault.Refused("Trang này chưa có khóa bí mật nên chưa dùng được ứng dụng tạo mã. Hãy báo người vận hành máy chủ: giaoban doctor nói cách đặt khóa.")
	}
	data, err := os.ReadFile(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKeyFile(k.path); err != nil {
			return "", fmt.Errorf("make the key of the site: %w", err)
		}
		data, err = os.ReadFile(k.path)
	}
	if err != nil {
		return "", fmt.Errorf("read the key of the site: %w", err)
	}
	text := strings.TrimSpace(string(data))
	if len(text) < minKey {
		return "", fmt.Errorf("the key of the site in %s is too short", k.path)
	}
	return text, nil
}

// Derive makes a secret of 32 bytes for one use, which its label names: nobody can tell one use's secret from another's.
func (k Key) Derive(label string) ([]byte, error) {
	text, err := k.secret()
	if err != nil {
		return nil, err
	}
	return hkdf.Key(sha256.New, []byte(text), nil, label, 32)
}

// Made tells whether there is a key already, without making one.
func (k Key) Made() (bool, error) {
	if k.path == "" {
		return k.text != "", nil
	}
	_, err := os.Stat(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// makeKeyFile writes a whole key or nothing; of two that come at once the first stays.
func makeKeyFile(path string) error {
	half, err := os.CreateTemp(filepath.Dir(path), ".giaoban-key-*") // made for its owner only
	if err != nil {
		return err
	}
	defer os.Remove(half.Name())
	b := make([]byte, 32)
	_, err = rand.Read(b)
	if err == nil {
		_, err = half.WriteString(base64.StdEncoding.EncodeToString(b) + "\n")
	}
	if err == nil {
		err = half.Sync()
	}
	if err := errors.Join(err, half.Close()); err != nil {
		return err
	}
	if err := os.Link(half.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// box encrypts with AES-256-GCM. What a text belongs to is sealed with it: the secret of one person's app is no secret of
// another's.
type box struct {
	aead  cipher.AEAD
	check string // tells this key from another, and nothing of it
}

func (k Key) box() (box, error) {
	text, err := k.secret()
	if err != nil {
		return box{}, err
	}
	secret, err := k.Derive("giaoban factor 1")
	if err != nil {
		return box{}, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return box{}, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return box{}, err
	}
	mac := hmac.New(sha256.New, []byte(text))
	mac.Write([]byte("giaoban key check"))
	return box{aead, hex.EncodeToString(mac.Sum(nil)[:8])}, nil
}

func (b box) seal(plain, of string) string {
	nonce := make([]byte, b.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails: the program ends when the system has no randomness
	return base64.RawStdEncoding.EncodeToString(b.aead.Seal(nonce, nonce, []byte(plain), []byte(of)))
}

func (b box) open(sealed, of string) (string, error) {
	data, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil || len(data) < b.aead.NonceSize() {
		return "", errors.New("what was encrypted is damaged")
	}
	plain, err := b.aead.Open(nil, data[:b.aead.NonceSize()], data[b.aead.NonceSize():], []byte(of))
	return string(plain), err
}

// keySetting holds which key the site's secrets were encrypted with.
const keySetting = "door.key"

// fits holds the key to the one in use, and makes it that while nothing is encrypted with another: with a wrong key nobody's
// codes would be right, and nobody would know why.
func (b box) fits(ctx context.Context, tx *db.Tx) error {
	check, used, err := keyInUse(ctx, tx)
	switch {
	case err != nil || check == b.check:
		return err
	case used:
		return errors.New("the key of the site is not the one that its secrets were encrypted with: giaoban doctor says how to mend it")
	}
	return setting.Put(ctx, tx, keySetting, b.check)
}

// keyInUse gives what tells the key in use from others, and whether anything is encrypted with it.
func keyInUse(ctx context.Context, tx *db.Tx) (check string, used bool, err error) {
	if check, err = setting.Get(ctx, tx, keySetting, ""); err != nil {
		return "", false, err
	}
	err = tx.QueryRow(ctx, `select exists (select 1 from factor where secret <> '')`).Scan(&used)
	return check, used, err
}

// CheckKey tells whether the site's key is there and is the one in use; for doctor. It makes no file.
func (s *Service) CheckKey(ctx context.Context) (state KeyState, err error) {
	var check string
	err = s.db.Read(ctx, func(tx *db.Tx) (err error) {
		check, state.Used, err = keyInUse(ctx, tx)
		return err
	})
	if err != nil {
		return KeyState{}, err
	}
	state.Path, state.None = s.key.path, s.key.None()
	if s.key.path != "" {
		info, err := os.Stat(s.key.path)
		if errors.Is(err, fs.ErrNotExist) {
			state.Missing = true
			return state, nil
		}
		if err != nil {
			return state, err
		}
		state.Open = info.Mode().Perm()&0o077 != 0
	}
	if state.None {
		return state, nil
	}
	b, err := s.key.box()
	state.Other = err == nil && state.Used && check != b.check
	return state, err
}

// KeyState is what can be said of the site's key.
type KeyState struct {
	Path    string // of its file; empty when it is given otherwise
	None    bool   // there is none and none can be made
	Used    bool   // something is encrypted with the site's key
	Missing bool   // its file is not there
	Open    bool   // others of the machine can read its file
	Other   bool   // it is not the one that was used
}
