package notice

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"giaoban/internal/account"
	"giaoban/internal/clock"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/job"
	"giaoban/internal/mail"
	"giaoban/internal/setting"
	"giaoban/internal/web/lang"
)

// letterKind is the kind of the jobs that write a letter at once; their payload is the person's id.
const letterKind = "notice.letter"

// HourSetting is at which hour of the site's day gathered letters go out.
const HourSetting = "notice.letter-hour"

// standardHour is before the office opens, so that the letter is there when it does.
const standardHour = 7

// CheckHour refuses what is no hour of a day.
func CheckHour(text string) error {
	if n, err := strconv.Atoi(text); err != nil || n < 0 || n > 23 {
		return fault.Invalid(HourSetting, "Hãy ghi giờ trong ngày, từ 0 đến 23.")
	}
	return nil
}

func letterHour(ctx context.Context, tx *db.Tx) (int, error) {
	text, err := setting.Get(ctx, tx, HourSetting, "")
	if err != nil || CheckHour(text) != nil {
		return standardHour, err
	}
	return strconv.Atoi(text)
}

// Jobs has the runner write the letters and forget old notices.
func (s *Service) Jobs(r *job.Runner) {
	r.Handle(letterKind, func(ctx context.Context, c job.Call) error { return s.LetterNow(ctx, c.Payload) })
	r.Every("notice.digest", time.Hour, s.Letters)
	r.Every("notice.sweep", 24*time.Hour, s.Sweep)
}

// LetterNow writes to a person what they want to know at once. What was told of less than an hour ago waits, and so does all after a
// number of letters on one day: the daily letter has it then.
func (s *Service) LetterNow(ctx context.Context, person string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		now := s.clock.Now()
		at := now.UnixMilli()
		to, err := s.addressee(ctx, tx, person)
		if err != nil || to.Email == "" {
			return err
		}
		list, err := pending(ctx, tx, person, now.Add(-24*time.Hour).UnixMilli(), at+1, Now)
		if err != nil || len(list) == 0 {
			return err
		}
		var sent int64
		if err := tx.QueryRow(ctx, `select count(*) from notice_letter where person = $1 and occasion like 'now/%' and at >= $2`,
			person, startOf(now).UnixMilli()).Scan(&sent); err != nil || sent >= mostNow {
			return err
		}
		ready, wait := ripe(list, at)
		if wait > 0 {
			if err := job.EnqueueOnce(ctx, tx, letterKind, person, clock.Real().Now().Add(wait)); err != nil {
				return err
			}
		}
		return s.write(ctx, tx, to, "now", ready, at, "now/"+db.NewID())
	})
}

// ripe parts notices that a letter may tell of from those about which one went out a short while ago, and says how long these wait.
func ripe(list []Notice, at int64) (ready []Notice, wait time.Duration) {
	for _, n := range list {
		if rest := between - time.Duration(at-n.mailed)*time.Millisecond; n.mailed != 0 && rest > 0 {
			wait = max(wait, rest)
			continue
		}
		ready = append(ready, n)
	}
	return ready, wait
}

// Letters writes the gathered letters that are due: one a person and day or week, for what was there when its hour struck and has not
// been read since; none where there is nothing. It may run again and again.
func (s *Service) Letters(ctx context.Context) error {
	now := s.clock.Now()
	var people []string
	var day, week time.Time
	if err := s.db.Read(ctx, func(tx *db.Tx) error {
		people = nil
		hour, err := letterHour(ctx, tx)
		if err != nil {
			return err
		}
		day = startOf(now).Add(time.Duration(hour) * time.Hour)
		week = day.AddDate(0, 0, -(int(now.Weekday())+6)%7)
		if working, err := s.working(ctx, tx, s.clock.Today()); err != nil || !working || now.Before(day) {
			return err
		}
		if ready, err := s.mailing(ctx, tx); err != nil || !ready {
			return err
		}
		people, err = db.Collect(ctx, tx, db.Scalar[string], `select distinct n.person from notice n join person p on p.id = n.person
			where n.read_at = 0 and n.at > n.mailed and not p.disabled and p.email <> '' and (
				n.way in ('now', 'daily') and n.at < $1 and n.at >= $2 and not exists (select 1 from notice_letter l where l.person = n.person and l.occasion = $3)
				or n.way = 'weekly' and n.at < $4 and n.at >= $5 and not exists (select 1 from notice_letter l where l.person = n.person and l.occasion = $6))
			order by n.person`, day.UnixMilli(), day.Add(-oldest).UnixMilli(), dayOf(day), week.UnixMilli(), week.Add(-oldest).UnixMilli(), weekOf(week))
		return err
	}); err != nil {
		return err
	}
	for _, person := range people {
		if err := s.letter(ctx, person, day, week); err != nil {
			return err
		}
	}
	return nil
}

// oldest is how long ago what a gathered letter tells may have happened. Where a site begins to send mail, the year before it is no news.
const oldest = 15 * 24 * time.Hour

func dayOf(t time.Time) string { return "day/" + t.Format(time.DateOnly) }

func weekOf(t time.Time) string { return "week/" + t.Format(time.DateOnly) }

// letter writes one gathered letter; where the day's and the week's fall together they are one.
func (s *Service) letter(ctx context.Context, person string, day, week time.Time) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		at := s.clock.Milli()
		to, err := s.addressee(ctx, tx, person)
		if err != nil || to.Email == "" {
			return err
		}
		had, err := db.Collect(ctx, tx, db.Scalar[string], `select occasion from notice_letter where person = $1 and occasion in ($2, $3)`, person, dayOf(day), weekOf(week))
		if err != nil {
			return err
		}
		var list []Notice
		var occasions []string
		what := "week"
		for _, x := range []struct {
			occasion, what string
			until          time.Time
			ways           []Way
		}{{weekOf(week), "week", week, []Way{Weekly}}, {dayOf(day), "day", day, []Way{Now, Daily}}} {
			if slices.Contains(had, x.occasion) {
				continue
			}
			found, err := pending(ctx, tx, person, x.until.Add(-oldest).UnixMilli(), x.until.UnixMilli(), x.ways...)
			if err != nil {
				return err
			}
			if len(found) > 0 {
				what, list, occasions = x.what, append(found, list...), append(occasions, x.occasion)
			}
		}
		return s.write(ctx, tx, to, what, list, at, occasions...)
	})
}

// addressee is a person whom a letter would reach; without an address where none does.
func (s *Service) addressee(ctx context.Context, tx *db.Tx, person string) (account.Person, error) {
	ready, err := s.mailing(ctx, tx)
	if err != nil || !ready {
		return account.Person{}, err
	}
	p, err := account.FindIn(ctx, tx, person, s.clock.Today())
	if fault.Is(err, fault.KindNotFound) || p.Disabled {
		return account.Person{}, nil
	}
	return p, err
}

// write asks for the letter and notes of what it tells.
func (s *Service) write(ctx context.Context, tx *db.Tx, to account.Person, what string, list []Notice, at int64, occasions ...string) error {
	if len(list) == 0 {
		return nil
	}
	lines := make([]string, 0, mostLines)
	for _, n := range list[:min(len(list), mostLines)] {
		lines = append(lines, n.Say(to.Language))
	}
	data := map[string]string{"What": what, "Count": strconv.Itoa(len(list)), "Items": strings.Join(lines, "\n")}
	if more := len(list) - len(lines); more > 0 {
		data["More"] = strconv.Itoa(more)
	}
	if err := s.mails.Enqueue(ctx, tx, mail.Message{To: to.Email, ToName: to.Name, Person: to.ID, Language: to.Language, Template: mail.Gathered, Data: data}); err != nil {
		return fmt.Errorf("letter of notices: %w", err)
	}
	for _, occasion := range occasions {
		if _, err := tx.Exec(ctx, `insert into notice_letter(person, occasion, at, items) values ($1,$2,$3,$4)`, to.ID, occasion, at, len(list)); err != nil {
			return err
		}
	}
	return told(ctx, tx, list, at)
}

// Say is a notice in a language.
func (n Notice) Say(language string) string {
	args := make([]any, len(n.Args))
	for i, a := range n.Args {
		args[i] = a
	}
	return lang.Say(language, n.Text, args...)
}
