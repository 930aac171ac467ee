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
