package mail

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"giaoban/internal/account"
	"giaoban/internal/auth"
	"giaoban/internal/db"
	"giaoban/internal/fault"
	"giaoban/internal/setting"
	"giaoban/internal/web"
)

// Letter is a letter as administrators see it: never what it says or where it goes.
type Letter struct {
	ID         string
	Template   Template
	Person     string
	PersonName string // empty when the person is no longer known, or none was named
	State      State
	Made       int64
	Changed    int64 // of the state
	Until      int64
	Reason     Reason // of the last try that failed
	Code       string
	Next       int64 // when a waiting letter is tried again; 0 at once
	Dead       bool  // waits, but is not tried again by itself

	job string
}

const letterColumns = `m.id, m.template, m.person, coalesce(p.name, ''), m.state, m.made, m.changed, m.expires, m.reason, m.code, m.job,
	coalesce((select j.due from job j where j.id = m.job and not j.dead), -1)`

func scanLetter(rows *sql.Rows) (l Letter, err error) {
	err = rows.Scan(&l.ID, &l.Template, &l.Person, &l.PersonName, &l.State, &l.Made, &l.Changed, &l.Until, &l.Reason, &l.Code, &l.job, &l.Next)
	return l, err
}

// visible limits to letters about people whom the actor administers, and to their own; $3 is the actor, $4 whether they
// administer the whole site and see all.
func visible() string {
	return ` ($4 or m.person = $3 or m.person <> '' and ` + account.Administers("m.person", 1) + `) `
}

func visibleArgs(who auth.Actor, all bool, today string) []any {
	return append(account.AdministersArgs(who, today), who.Person, all)
}

func countLetters(ctx context.Context, tx *db.Tx, who auth.Actor, all bool, today string) (map[State]int, error) {
	out := map[State]int{}
	rows, err := tx.Query(ctx, `select m.state, count(*) from mail_message m where`+visible()+`group by m.state`, visibleArgs(who, all, today)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s State
		var n int
		if err := rows.Scan(&s, &n); err != nil {
			return nil, err
		}
		out[s] = n
	}
	return out, rows.Err()
}

// listLetters lists newest first; an empty state is all.
func listLetters(ctx context.Context, tx *db.Tx, who auth.Actor, all bool, today string, state State, limit, offset int) ([]Letter, error) {
	return db.Collect(ctx, tx, scanLetter, `select `+letterColumns+` from mail_message m left join person p on p.id = m.person
		where`+visible()+`and ($5 = '' or m.state = $5) order by m.made desc, m.id desc limit $6 offset $7`,
		append(visibleArgs(who, all, today), string(state), limit, offset)...)
}

// findLetter finds one that the actor may see.
func findLetter(ctx context.Context, tx *db.Tx, who auth.Actor, all bool, today, id string) (Letter, error) {
	list, err := db.Collect(ctx, tx, scanLetter, `select `+letterColumns+` from mail_message m left join person p on p.id = m.person
		where`+visible()+`and m.id = $5`, append(visibleArgs(who, all, today), id)...)
	if err == nil && len(list) == 0 {
		err = fault.NotFound()
	}
	if err != nil {
		return Letter{}, err
	}
	return list[0], nil
}

func insertLetter(ctx context.Context, tx *db.Tx, id, job string, m Message, now int64) error {
	data, err := json.Marshal(m.Data)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `insert into mail_message(id, template, person, language, made, expires, state, changed, reason, code, job, address, name, data)
		values ($1,$2,$3,$4,$5,$6,$7,$5,'','',$8,$9,$10,$11)`, id, m.Template, m.Person, m.Language, now, m.Until, string(Waiting), job, m.To, m.ToName, string(data))
	return err
}

// waiting reads a letter for sending; false when it waits no more.
func waiting(ctx context.Context, tx *db.Tx, id string) (m Message, found bool, err error) {
	var data string
	err = tx.QueryRow(ctx, `select template, person, language, expires, address, name, data from mail_message where id = $1 and state = 'waiting'`, id).
		Scan(&m.Template, &m.Person, &m.Language, &m.Until, &m.To, &m.ToName, &data)
	if db.Missing(err) {
		return Message{}, false, nil
	}
	if err != nil {
		return Message{}, false, err
	}
	if err := json.Unmarshal([]byte(data), &m.Data); err != nil {
		return Message{}, false, fmt.Errorf("data of letter %s: %w", id, err)
	}
	return m, true, nil
}

// end moves a letter out of one state and erases what it held. It answers false when the letter was not in that state.
func end(ctx context.Context, tx *db.Tx, id string, from, to State, t Trouble, now int64) (bool, error) {
	n, err := tx.Exec(ctx, `update mail_message set state = $1, reason = $2, code = $3, changed = $4, address = '', name = '', data = '', job = ''
		where id = $5 and state = $6`, string(to), string(t.Reason), t.Code, now, id, string(from))
	return n > 0, err
}

// note keeps why a try did not succeed.
func note(ctx context.Context, tx *db.Tx, id string, t Trouble) error {
	_, err := tx.Exec(ctx, `update mail_message set reason = $1, code = $2 where id = $3 and state = 'waiting' and (reason <> $1 or code <> $2)`, string(t.Reason), t.Code, id)
	return err
}

// testsSince counts the test letters that a person asked for.
func testsSince(ctx context.Context, tx *db.Tx, person string, since int64) (n int, err error) {
	err = tx.QueryRow(ctx, `select count(*) from mail_message where person = $1 and template = $2 and made > $3`, person, Test, since).Scan(&n)
	return n, err
}

// readSetup reads the settings; what was set by hand in the database and cannot be read stands as unset.
func readSetup(ctx context.Context, tx *db.Tx) (s setup, err error) {
	text := func(key string) string {
		if err != nil {
			return ""
		}
		var value string
		value, err = setting.Get(ctx, tx, key, "")
		return value
	}
	s = setup{host: text(HostSetting), user: text(UserSetting), from: text(FromSetting), fromName: text(FromNameSetting), back: text(ReturnSetting),
		site: text(web.AddressSetting), security: Security(text(SecuritySetting))}
	if s.security == "" {
		s.security = STARTTLS
	}
	if port := text(PortSetting); port != "" {
		if _, scan := fmt.Sscan(port, &s.port); scan != nil {
			return s, fmt.Errorf("setting %s: %w", PortSetting, scan)
		}
	}
	return s, err
}

// Forget removes the letters to a person; one that is under way finds nothing to send.
func Forget(ctx context.Context, tx *db.Tx, person string) error {
	if _, err := tx.Exec(ctx, `delete from mail_message where person = $1`, person); err != nil {
		return fmt.Errorf("forget a person: %w", err)
	}
	return nil
}
