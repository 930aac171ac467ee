package web

import (
	"encoding/json"
	"net/http"

	"giaoban/internal/fault"
)

// WantsData tells that a script of our own asks, which reads JSON. Every answer to it is JSON then, refusals too.
func WantsData(r *http.Request) bool { return r.Header.Get("Accept") == typeJSON }

const typeJSON = "application/json"

// Data answers a script. It is never kept by a cache.
func Data(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", typeJSON+"; charset=utf-8")
	h.Set("Cache-Control", "private, no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader has gone: nobody is left to tell
	return nil
}

// Problem is what a script is told when it gets no answer: what to do with what it sent, and why.
type Problem struct {
	State   ProblemState `json:"state"`
	Message string       `json:"message"`
	Ref     string       `json:"ref,omitempty"`
}

// ProblemState says what a script is to do.
type ProblemState string

const (
	SignedOut ProblemState = "signed-out" // keep it, and send it again when the same person is in again
	Wrong     ProblemState = "wrong"      // the person has to change it
	Shut      ProblemState = "shut"       // a rule forbids it now
	Gone      ProblemState = "gone"       // not there, or not for this person
	Later     ProblemState = "later"      // send it again later
)

func problemStateOf(faults []*fault.Error) ProblemState {
	if len(faults) == 0 {
		return Later
	}
	switch faults[0].Kind {
	case fault.KindInvalid, fault.KindTooLarge:
		return Wrong
	case fault.KindConflict, fault.KindRefused:
		return Shut
	case fault.KindNotFound:
		return Gone
	}
	return Later
}

// signedOut answers a script whose person is not in any more, or has something to show first.
func signedOut(w http.ResponseWriter, r *http.Request) {
	text := T(r.Context(), "Phiên đăng nhập đã kết thúc. Nội dung vừa gõ vẫn được giữ ở máy này và được gửi khi bạn đăng nhập lại.")
	_ = Data(w, http.StatusUnauthorized, Problem{State: SignedOut, Message: text}) // the value is one that can be marshalled
}
