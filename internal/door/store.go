package door

import (
	"context"
	"time"

	"giaoban/internal/db"
)

// reserveAttempt counts the wrong tries and writes this one down before it is made, so that tries sent together are
// counted too. It answers false at a limit.
func reserveAttempt(ctx context.Context, tx *db.Tx, login, address string, now int64) (bool, error) {
	if err := forgetAttempts(ctx, tx, now); err != nil {
		return false, err
	}
	var pair, all int64
	err := tx.QueryRow(ctx, `select count(*) filter (where login = $1), count(*) from sign_in_attempt
		where address = $2 and at > $3 and not good`, login, address, now-windowMinutes*time.Minute.Milliseconds()).Scan(&pair, &all)
	if err != nil || pair >= triesPerPair || all >= triesPerAddress {
		return false, err
	}
	_, err = tx.Exec(ctx, `insert into sign_in_attempt(login, address, at, good) values ($1,$2,$3,false)`, login, address, now)
	return true, err
}

// settleAttempts forgets the wrong tries of a name from an address once the right password came from there.
func settleAttempts(ctx context.Context, tx *db.Tx, login, address string, now int64) error {
	if _, err := tx.Exec(ctx, `delete from sign_in_attempt where login = $1 and address = $2`, login, address); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into sign_in_attempt(login, address, at, good) values ($1,$2,$3,true)`, login, address, now)
	return err
}

func forgetAttempts(ctx context.Context, tx *db.Tx, now int64) error {
	_, err := tx.Exec(ctx, `delete from sign_in_attempt where at < $1`, now-keepAttemptsDays*24*time.Hour.Milliseconds())
	return err
}
