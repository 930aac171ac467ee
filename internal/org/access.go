package org

import (
	"fmt"

	"giaoban/internal/auth"
)

// Within limits a query to units where the actor holds a permission. unit and day are SQL expressions: the unit the row
// belongs to, and the row's day (the period's last day, or today's placeholder for rows without one); what counts is who
// held the unit on that day, or holds it now, in the hierarchy of the grant. It uses the placeholders $first (whose rights
// count), $first+1 (permission) and $first+2 (today) with the values of WithinArgs. Every select of a house carries it.
func Within(unit, day string, first int) string {
	// Each of the two looks is one entry of an index; a list of hierarchies that differs by grant would not be.
	held := fmt.Sprintf(`exists (select 1 from unit_ancestor ga where ga.unit = %[1]s and ga.ancestor = g.unit
		and ga.weight > 0 and ga.valid_from <= %[2]s and %[2]s < ga.valid_to and ga.hierarchy = g.hierarchy`, unit, day)
	return fmt.Sprintf(` ($%[2]d = 'system' or exists (select 1 from access_grant g
	join access_role_permission rp on rp.role = g.role and rp.permission = $%[3]d
	where g.holder = $%[2]d and g.valid_from <= $%[4]d and $%[4]d < g.valid_to and (%[1]s) or %[1]s + 10)))) `, held, first, first+1, first+2)
}

// WithinArgs gives Within's three values.
func WithinArgs(who auth.Actor, p auth.Permission, today string) []any {
	return []any{who.Rights(), string(p), today}
}

// Own limits what Within lets through to what is the actor's own business: of a unit over which somebody holds the permission by a
// grant over just this unit, theirs alone; of any other, that of all who hold it from above. It uses the same placeholders.
func Own(unit string, first int) string {
	held := func(whose string) string {
		return fmt.Sprintf(`exists (select 1 from access_grant o join access_role_permission op on op.role = o.role and op.permission = $%d
	where o.unit = %s and o.valid_from <= $%d and $%[3]d < o.valid_to and %[4]s)`, first+1, unit, first+2, whose)
	}
	return ` (` + held(fmt.Sprintf(`o.holder = $%d`, first)) + ` or not ` + held(`o.delegation = ''`) + `) `
}
