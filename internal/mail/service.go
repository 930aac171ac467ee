package mail

import (
	"context"
	"crypto/x509"
	"io"
	"time"

	"giaoban/internal/audit"
	"giaoban/internal/auth"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/job"
)

// Options say what the house is told from outside.
type Options struct {
	Password string // of the mail server; from the environment or a file, never from the database
	SiteName func(ctx context.Context) string
	// Top tells who administers the whole site, and so sees all letters.
	Top   func(ctx context.Context, tx *db.Tx, who auth.Actor) (bool, error)
	Roots *x509.CertPool // whose certificates the mail server may show; nil for the machine's own list
}

// Service is the house's verbs.
type Service struct {
	db      *db.DB
	clock   *clock.Clock
	machine *clock.Clock // of the jobs: a demonstration lives in another year
	opt     Options
}

// New makes the service.
func New(d *db.DB, c *clock.Clock, opt Options) *Service {
	return &Service{db: d, clock: c, machine: clock.Real(), opt: opt}
}

const (
	house = "mail"
	// sendKind is the kind of the jobs that send; their payload is the letter's id.
	sendKind = "mail.send"
	// lifetime is how long a letter is tried that does not say so itself.
	lifetime = 5 * 24 * time.Hour
	// tests are how many test letters a person may ask for in an hour.
	tests = 5
)

// Ready tells whether the site says how to send mail: only then may a letter be asked for.
func (s *Service) Ready(ctx context.Context, tx *db.Tx) (bool, error) {
	set, err := readSetup(ctx, tx)
	return set.host != "" && set.from != "", err
}

// Enqueue asks for a letter within the transaction of what it is about: both happen, or neither. Where mail is not set up
// it refuses; ask Ready first where the matter can do without.
func (s *Service) Enqueue(ctx context.Context, tx *db.Tx, m Message) error {
	_, err := s.enqueue(ctx, tx, m)
	return err
}

// Notify is Enqueue for letters that nothing hangs on: none goes out where mail is not set up or the person has no address.
func (s *Service) Notify(ctx context.Context, tx *db.Tx, m Message) error {
	if m.To == "" {
		return nil
	}
	if ready, err := s.Ready(ctx, tx); err != nil || !ready {
		return err
	}
	return s.Enqueue(ctx, tx, m)
}

func (s *Service) enqueue(ctx context.Context, tx *db.Tx, m Message) (id string, err error) {
	if err := checkData(m); err != nil {
		return "", err
	}
	if m.To, err = CheckAddress(m.To); err != nil {
		return "", err
	}
	ready, err := s.Ready(ctx, tx)
	if err != nil {
		return "", err
	}
	if !ready {
		return "", fault.Refused("Trang này chưa cài đặt gửi thư. Người quản trị máy cài đặt bằng lệnh giaoban setting.")
	}
	m.ToName = tidyName(m.ToName)
	if m.Language != "en" {
		m.Language = "vi"
	}
	now := s.clock.Milli()
	if m.Until == 0 {
		m.Until = now + lifetime.Milliseconds()
	}
	id = db.NewID()
	work, err := job.Enqueue(ctx, tx, sendKind, id, time.Time{})
	if err != nil {
		return "", err
	}
	return id, insertLetter(ctx, tx, id, work, m, now)
}

// SendTest asks for a test letter to an address that somebody types, and answers its id. The letter is theirs.
func (s *Service) SendTest(ctx context.Context, who auth.Actor, address string) (id string, err error) {
	if err := who.Must(auth.Admin); err != nil {
		return "", err
	}
	return id, s.db.Write(ctx, func(tx *db.Tx) error {
		now := s.clock.Milli()
		m := Message{To: address, Person: who.Person, Language: who.Language, Template: Test, Data: map[string]string{"At": milliText(now)}}
		if who.IsSystem() {
			m.Person = ""
		} else {
			n, err := testsSince(ctx, tx, who.Person, now-time.Hour.Milliseconds())
			if err != nil {
				return err
			}
			if n >= tests {
				return fault.TooManyf("Mỗi giờ chỉ gửi được %d thư thử. Hãy thử lại sau.", tests)
			}
			m.ToName = who.Name
		}
		var err error
		if id, err = s.enqueue(ctx, tx, m); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: now, Verb: "test", House: house, Object: id})
	})
}

// Try sends a test letter at once, beside the queue, for the machine's owner who waits for the answer: nil when the server
// took it, a fault when mail is not set up right, else a Trouble.
func (s *Service) Try(ctx context.Context, who auth.Actor, address string) error {
	if !who.IsSystem() {
		return fault.NotFound()
	}
	m := Message{Language: "vi", Template: Test, Data: map[string]string{"At": milliText(s.clock.Milli())}}
	var err error
	if m.To, err = CheckAddress(address); err != nil {
		return err
	}
	set, err := s.setup(ctx)
	if err != nil {
		return err
	}
	if err := set.check(); err != nil {
		return err
	}
	id := db.NewID()
	letter, err := compose(set, id, m, s.machine.Now())
	if err != nil {
		return err
	}
	if err := s.db.Write(ctx, func(tx *db.Tx) error {
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: "test", House: house, Object: id})
	}); err != nil {
		return err
	}
	if t := set.deliver(ctx, s.opt.Roots, letter); t != nil {
		return t
	}
	return nil
}

// Page is a part of the list of letters.
type Page struct {
	Letters []Letter
	Counts  map[State]int
	Total   int // of the state that was asked for
	Ready   bool
}

// List lists the letters about people whom the actor administers, newest first; an empty state is all.
func (s *Service) List(ctx context.Context, who auth.Actor, state State, limit, offset int) (p Page, err error) {
	if err := who.Must(auth.Admin); err != nil {
		return Page{}, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := s.opt.Top(ctx, tx, who)
		if err != nil {
			return err
		}
		today := s.clock.Today()
		if p.Counts, err = countLetters(ctx, tx, who, all, today); err != nil {
			return err
		}
		for one, n := range p.Counts {
			if state == "" || one == state {
				p.Total += n
			}
		}
		if p.Ready, err = s.Ready(ctx, tx); err != nil {
			return err
		}
		p.Letters, err = listLetters(ctx, tx, who, all, today, state, limit, offset)
		return err
	})
	for i := range p.Letters {
		s.tell(&p.Letters[i])
	}
	return p, err
}

// tell turns what the queue knows of a letter into the site's time: jobs go by the machine's clock.
func (s *Service) tell(l *Letter) {
	switch {
	case l.State != Waiting:
		l.Next = 0
	case l.Next < 0:
		l.Next, l.Dead = 0, true
	case l.Next > 0:
		l.Next += s.clock.Milli() - s.machine.Milli()
	}
}

// Find is one letter.
func (s *Service) Find(ctx context.Context, who auth.Actor, id string) (l Letter, err error) {
	if err := who.Must(auth.Admin); err != nil {
		return Letter{}, err
	}
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		all, err := s.opt.Top(ctx, tx, who)
		if err != nil {
			return err
		}
		l, err = findLetter(ctx, tx, who, all, s.clock.Today(), id)
		return err
	})
	s.tell(&l)
	return l, err
}

// change runs a verb on a letter that the actor may see, and records it.
func (s *Service) change(ctx context.Context, who auth.Actor, id, verb string, do func(tx *db.Tx, l Letter) error) error {
	if err := who.Must(auth.Admin); err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		all, err := s.opt.Top(ctx, tx, who)
		if err != nil {
			return err
		}
		l, err := findLetter(ctx, tx, who, all, s.clock.Today(), id)
		if err != nil {
			return err
		}
		if err := do(tx, l); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who, audit.Act{At: s.clock.Milli(), Verb: verb, House: house, Object: id})
	})
}

// Hurry tries a waiting letter again at once, after what was wrong has been mended. What is over keeps nothing to send.
func (s *Service) Hurry(ctx context.Context, who auth.Actor, id string) error {
	return s.change(ctx, who, id, "hurry", func(tx *db.Tx, l Letter) error {
		if l.State != Waiting {
			return fault.Refused("Chỉ gửi lại được thư đang chờ. Nội dung thư này đã được xóa; hãy lập lại từ trang của người dùng.")
		}
		if l.Until <= s.clock.Milli() {
			return fault.Refused("Thư này đã hết hạn nên không gửi nữa. Hãy lập lại từ trang của người dùng.")
		}
		found, err := job.Hurry(ctx, tx, l.job)
		if err == nil && !found {
			return fault.Conflict("Thư này vừa được gửi. Hãy mở lại trang.")
		}
		return err
	})
}

// Cancel takes back a letter that has not gone out.
func (s *Service) Cancel(ctx context.Context, who auth.Actor, id string) error {
	return s.change(ctx, who, id, "cancel", func(tx *db.Tx, l Letter) error {
		if l.State != Waiting {
			return fault.Refused("Chỉ hủy được thư đang chờ gửi.")
		}
		gone, err := job.Cancel(ctx, tx, l.job, s.machine.Now())
		if err != nil {
			return err
		}
		if !gone {
			return fault.Conflict("Thư đang được gửi nên không hủy được. Hãy mở lại trang sau ít phút.")
		}
		_, err = end(ctx, tx, id, Waiting, Cancelled, Trouble{}, s.clock.Milli())
		return err
	})
}

// Returned records that a sent letter came back, as somebody saw in the mailbox of the return address.
func (s *Service) Returned(ctx context.Context, who auth.Actor, id string) error {
	return s.change(ctx, who, id, "returned", func(tx *db.Tx, l Letter) error {
		return s.bounce(ctx, tx, l, Trouble{Reason: Reported})
	})
}

// ReadBounce reads a delivery status notification and records that its letter came back. Only the machine's owner hands
// such files in.
func (s *Service) ReadBounce(ctx context.Context, who auth.Actor, r io.Reader) (Letter, error) {
	b, err := readBounce(r)
	if err != nil {
		return Letter{}, err
	}
	err = s.change(ctx, who, b.id, "returned", func(tx *db.Tx, l Letter) error { return s.bounce(ctx, tx, l, *b.trouble) })
	if fault.Is(err, fault.KindNotFound) {
		return Letter{}, notABounce()
	}
	if err != nil {
		return Letter{}, err
	}
	return s.Find(ctx, who, b.id)
}

func (s *Service) bounce(ctx context.Context, tx *db.Tx, l Letter, t Trouble) error {
	moved, err := end(ctx, tx, l.ID, Sent, Bounced, t, s.clock.Milli())
	if err == nil && !moved {
		return fault.Refused("Chỉ thư đã gửi mới ghi nhận được là bị trả lại.")
	}
	return err
}

// Probe connects to the mail server as for a letter and sends none. It answers a fault when mail is not set up right, a
// Trouble when the server cannot be talked to.
func (s *Service) Probe(ctx context.Context) error {
	set, err := s.setup(ctx)
	if err != nil {
		return err
	}
	if err := set.check(); err != nil {
		return err
	}
	if t := set.deliver(ctx, s.opt.Roots, nil); t != nil {
		return t
	}
	return nil
}

// Wanted tells whether somebody has begun to set mail up.
func (s *Service) Wanted(ctx context.Context) (wanted bool, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		set, err := readSetup(ctx, tx)
		wanted = set.host != "" || set.from != "" || set.user != ""
		return err
	})
	return wanted, err
}

// setup reads how the site sends now.
func (s *Service) setup(ctx context.Context) (set setup, err error) {
	err = s.db.Read(ctx, func(tx *db.Tx) error {
		set, err = readSetup(ctx, tx)
		return err
	})
	if err != nil {
		return setup{}, err
	}
	set.password, set.siteName = s.opt.Password, s.opt.SiteName(ctx)
	return set, nil
}
