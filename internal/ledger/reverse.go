package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"unicode/utf8"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/viet"
)

// ReversalState is how far a correction has come.
type ReversalState string

const (
	Asked  ReversalState = "asked"
	Done   ReversalState = "done"
	Denied ReversalState = "denied"
)

// Reversal is a correction of an entry: asked for with a reason, done by a second person.
type Reversal struct {
	Book   int64
	Seq    int64
	Turn   int64 // which asking it is: an entry may be asked about again after a refusal
	Reason string
	Person string
	At     int64
	State  ReversalState
	By     string // name of who asked
}

// AskReversal asks that an entry be taken back.
func (s *Service) AskReversal(ctx context.Context, who auth.Actor, code string, seq int64, reason string) error {
	reason = viet.Clean(reason)
	if reason == "" || utf8.RuneCountInString(reason) > longestMemo {
		return fault.Invalidf("ly-do", "Hãy nêu lý do, không quá %d ký tự. Ai có biên nhận cũng đọc được lý do này.", longestMemo)
	}
	return s.posting(ctx, who, code, "ask-reversal", reason, func(ctx context.Context, tx *db.Tx, p *posting) error {
		t, err := findTransfer(ctx, tx, p.book.Key, seq)
		if err != nil {
			return err
		}
		if t.Reverses != 0 {
			return fault.Refused("Khoản này là bút toán hủy. Muốn ghi lại, hãy lập một khoản mới.")
		}
		reversed, asked, err := reversalsOf(ctx, tx, p.book.Key, []int64{seq})
		if err != nil {
			return err
		}
		last := asked[seq]
		if reversed[seq] != 0 || last.State == Asked {
			return fault.Conflict("Khoản này đã được hủy, hoặc đang chờ người thứ hai đồng ý hủy.")
		}
		_, err = tx.Exec(ctx, `insert into ledger_reversal(book, seq, asked, reason, person, at, state, decided_by, decided_at) values ($1,$2,$3,$4,$5,$6,'asked',null,null)`,
			p.book.Key, seq, last.Turn+1, reason, who.Person, s.clock.Milli())
		return err
	}, func(*posting) {})
}

// DecideReversal does what was asked for, or denies it. Who asked does not decide, nor does who booked the entry.
func (s *Service) DecideReversal(ctx context.Context, who auth.Actor, code string, seq int64, agree bool) error {
	verb := "deny-reversal"
	if agree {
		verb = "reverse"
	}
	return s.posting(ctx, who, code, verb, "", func(ctx context.Context, tx *db.Tx, p *posting) error {
		_, asked, err := reversalsOf(ctx, tx, p.book.Key, []int64{seq})
		if err != nil {
			return err
		}
		r, ok := asked[seq]
		if !ok || r.State != Asked {
			return fault.Conflict("Không còn đề nghị hủy nào chờ ở khoản này.")
		}
		if who.Signs(r.Person) {
			return fault.Refused("Người đề nghị hủy không tự đồng ý được. Hãy nhờ người thứ hai cùng giữ sổ.")
		}
		t, err := findTransfer(ctx, tx, p.book.Key, seq)
		if err != nil {
			return err
		}
		state := Denied
		if agree {
			state = Done
		}
		n, err := tx.Exec(ctx, `update ledger_reversal set state = $4, decided_by = $5, decided_at = $6 where book = $1 and seq = $2 and asked = $3 and state = 'asked'`,
			p.book.Key, seq, r.Turn, string(state), who.Person, s.clock.Milli())
		if err != nil || n == 0 {
			return cmp.Or(err, fault.Conflict("Đề nghị này vừa được quyết định."))
		}
		if !agree {
			return nil
		}
		back := t
		back.Day, back.Source, back.Target, back.Reverses, back.Second = s.clock.Today(), t.Target, t.Source, t.Seq, r.Person
		back.Receipt, back.Payment, back.List, back.Memo = 0, 0, "", r.Reason
		if err := p.load(ctx, back.Source, back.Target); err != nil {
			return err
		}
		return p.add(back, s.clock.Today())
	}, func(*posting) {})
}

// reversalsOf tells by which entry each of some was taken back, and what was last asked about it.
func reversalsOf(ctx context.Context, tx *db.Tx, book int64, seqs []int64) (map[int64]int64, map[int64]Reversal, error) {
	by, last := map[int64]int64{}, map[int64]Reversal{}
	type pair struct{ of, by int64 }
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(seqs))), 512) {
		part = db.Padded(part)
		args := append([]any{book}, db.Args(part)...)
		pairs, err := db.Collect(ctx, tx, func(rows *sql.Rows) (p pair, err error) {
			err = rows.Scan(&p.of, &p.by)
			return p, err
		}, `select reverses, seq from ledger_transfer where book = $1 and reverses in (`+db.List(len(part), 2)+`)`, args...)
		if err != nil {
			return nil, nil, fmt.Errorf("reversed: %w", err)
		}
		for _, p := range pairs {
			by[p.of] = p.by
		}
		asked, err := db.Collect(ctx, tx, scanReversal, reversalSelect+`where book = $1 and seq in (`+db.List(len(part), 2)+`) order by seq, asked`, args...)
		if err != nil {
			return nil, nil, fmt.Errorf("reversals: %w", err)
		}
		for _, r := range asked {
			last[r.Seq] = r
		}
	}
	return by, last, nil
}

const reversalSelect = `select book, seq, asked, reason, person, at, state from ledger_reversal `

func scanReversal(rows *sql.Rows) (r Reversal, err error) {
	err = rows.Scan(&r.Book, &r.Seq, &r.Turn, &r.Reason, &r.Person, &r.At, &r.State)
	return r, err
}

// waiting lists the corrections of a book that wait for a second person.
func (s *Service) waiting(ctx context.Context, tx *db.Tx, b Book) ([]Reversal, error) {
	out, err := db.Collect(ctx, tx, scanReversal, reversalSelect+`where book = $1 and state = 'asked' order by at`, b.Key)
	for i := range out {
		if err == nil {
			out[i].By, err = audit.Name(ctx, tx, out[i].Person)
		}
	}
	return out, err
}
