// The end of a suspension as people write it → one instant. Refuses days that no calendar has and
// times without a zone: neither says when.

const dateOnly = /^(\d{4}-\d{2}-\d{2})$/;
const dateAndTime =
  /^(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

/** A date is its first moment in UTC; a time is RFC 3339, leap seconds excepted. Null for anything else. */
export function parseInstant(text: string): Date | null {
  const [, day] = dateOnly.exec(text) ?? dateAndTime.exec(text) ?? [];
  if (day === undefined || !isCalendarDay(day)) return null;
  const instant = new Date(text.toUpperCase());
  return Number.isNaN(instant.getTime()) ? null : instant;
}

/** Date takes February 30 for March 1 or 2. */
function isCalendarDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}
