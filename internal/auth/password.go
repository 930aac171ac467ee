package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// argon2id with 19 MiB, two passes, one lane: the OWASP password storage sheet's first choice for this memory.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	keyLen    = 32
	saltLen   = 16
)

// Hasher hashes and checks passwords, a few at a time: each costs 19 MiB, and a flood of sign-ins must not take the
// machine's memory.
type Hasher struct {
	slots chan struct{}
	made  atomic.Int64
}

// Made is how many hashes have been computed.
func (h *Hasher) Made() int64 { return h.made.Load() }

// NewHasher allows n hashes at once.
func NewHasher(n int) *Hasher { return &Hasher{slots: make(chan struct{}, n)} }

// Hash gives the PHC string of a password.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	salt := make([]byte, saltLen)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	sum := argon2.IDKey([]byte(password), salt, passes, memoryKiB, lanes, keyLen)
	enc := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes,
		enc.EncodeToString(salt), enc.EncodeToString(sum)), nil
}

// Check compares a password with a PHC string in constant time. An empty or unreadable hash costs the same time and
// never fits, so that an unknown name cannot be told from a wrong password.
func (h *Hasher) Check(ctx context.Context, phc, password string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	salt, want, m, t, p, ok := parsePHC(phc)
	if !ok {
		argon2.IDKey([]byte(password), make([]byte, saltLen), passes, memoryKiB, lanes, keyLen)
		return false, nil
	}
	got := argon2.IDKey([]byte(password), salt, t, m, p, uint32(len(want)))
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// Outdated tells whether a hash was made with other parameters than those of today; what is no hash is not.
func Outdated(phc string) bool {
	_, sum, m, t, p, ok := parsePHC(phc)
	return ok && (m != memoryKiB || t != passes || p != lanes || len(sum) != keyLen)
}

func parsePHC(phc string) (salt, sum []byte, m, t uint32, p uint8, ok bool) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return nil, nil, 0, 0, 0, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &m, &t, &p); err != nil || m == 0 || t == 0 || p == 0 {
		return nil, nil, 0, 0, 0, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	return salt, sum, m, t, p, err1 == nil && err2 == nil && len(sum) > 0
}

func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		h.made.Add(1)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *Hasher) leave() { <-h.slots }

// NewCode makes a one-time code that can be read out and typed: 16 signs without look-alikes, about 78 bits.
func NewCode() (string, error) {
	const signs = "abcdefghkmnpqrstuvwxyz23456789"
	var b strings.Builder
	for i := range 16 {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(signs))))
		if err != nil {
			return "", err
		}
		b.WriteByte(signs[n.Int64()])
	}
	return b.String(), nil
}
