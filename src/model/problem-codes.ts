// Every way a file can be wrong, by its stable code. docs/problems.md lists the same codes.
import { closestName } from '../base/suggest-name.ts';

export const problemCodes = {
  'unreadable-file': 'The file cannot be read (permissions, a broken link, not a regular file).',
  'changing-file': 'The file was still being written while it was read; it is read again.',
  'file-too-large': 'The file is larger than 1 MiB, by itself or with what it extends.',
  'not-utf8': 'The file is not UTF-8 text.',
  'conflict-marker': 'A git merge conflict was left in the file.',
  'yaml-syntax': 'The file is not well-formed YAML.',
  'yaml-version':
    'The file asks for another YAML than 1.2; in 1.1 `yes` means true and `010` means 8.',
  'multiple-documents': 'The file holds more than one YAML document.',
  'duplicate-key': 'A field stands twice in one place.',
  'unknown-tag': 'A tag such as `!!binary`, `!!int` or `!include` is not supported.',
  'undefined-alias': 'An alias names an anchor that does not stand, complete, before it.',
  'alias-bomb': 'Aliases expand to far more than what is written.',
  'too-deep': 'The file nests more deeply than can be read.',
  'unsafe-integer': 'An integer is beyond 2^53 and would be rounded.',
  'not-finite-number': 'A number is infinite, not a number, or too large.',
  'invalid-unicode': 'A text holds half a surrogate pair, which UTF-8 cannot carry.',
  'not-a-mapping': 'The file does not consist of fields, or the name of a field is not a text.',
  'missing-field': 'A required field is not declared.',
  'unknown-field': 'A field that the API does not have.',
  'read-only-field': 'A field that only the API sets.',
  'wrong-type': 'A value of the wrong type.',
  'invalid-value': 'A value that is not among those allowed.',
  'invalid-format': 'A text that is not in the expected form, such as a UUID, a time or a pointer.',
  'missing-fragment': 'A file that `extends` names is not there.',
  'fragment-outside': 'A file that `extends` names is outside of what may be read.',
  'not-a-fragment':
    'A file that `extends` names is no fragment: neither it nor a folder of it begins with `_`.',
  'too-many-fragments': 'More fragments reach a widget, or an account, than are read.',
  'extends-cycle': 'A fragment extends itself, directly or through others.',
  'fragment-field': 'A field that a fragment cannot say: only one widget can.',
  'broken-fragment': 'A fragment that the file extends has an error; it is told there.',
  'swallowed-comment':
    'A `#` without quotes made a comment of a value, which leaves nothing, or of a part of a text.',
  'swallowed-mark':
    'A `&` or `!` without quotes made a mark of YAML of a text, or of the beginning of one.',
  'blank-value': 'A field or an entry has nothing behind it, and is sent as null.',
  'respelled-number':
    'A number without quotes is sent in another spelling than it has in the file.',
  'holds-key':
    'The API key in force, of 12 characters or more, stands in the file (in a comment, too) or in its name.',
  'like-a-key': 'A text that looks like an API key.',
  'no-effect': 'A setting that changes nothing as it stands.',
  'not-a-colour': 'A text that is no colour, where a colour belongs.',
  'low-contrast': 'A text or a sign that is hard to read on its ground.',
  'empty-suggestion': 'An opening suggestion without a text.',
  'double-suggestion': 'An opening suggestion that stands twice.',
  'not-painted': 'A field that nobody will see as the file stands.',
  'long-name': 'A name that the new chat window cuts.',
  'several-sms': 'A text that takes more than one SMS.',
  'duplicate-id':
    'Two files declare the same widget_id: both are held, also where one of them is broken.',
  'skipped-link': 'A linked folder is not followed.',
  'other-ending': 'A file is not read, for its ending is spelt with capitals.',
  'hidden-git': "Git's directory may not be read, so that its locks are not seen.",
  'link-outside': 'The file is a link that leads out of the widget directory.',
  'stale-lock': 'A git operation has stood still; it is no longer waited for.',
  'no-widgets': 'The directory holds no widget file.',
  'refused-by-api': 'The API refused this field.',
} as const;

export type ProblemCode = keyof typeof problemCodes;

/** What a warning or a note may be about: `--allow` can take them out, and `sync.allow` most of them. */
export const warningCodes = [
  'swallowed-comment',
  'swallowed-mark',
  'blank-value',
  'respelled-number',
  'like-a-key',
  'no-effect',
  'not-a-colour',
  'low-contrast',
  'empty-suggestion',
  'double-suggestion',
  'not-painted',
  'long-name',
  'several-sms',
  'skipped-link',
  'other-ending',
  'hidden-git',
  'stale-lock',
  'no-widgets',
] as const satisfies readonly ProblemCode[];

export type WarningCode = (typeof warningCodes)[number];

export function isWarningCode(code: string): code is WarningCode {
  return (warningCodes as readonly string[]).includes(code);
}

/** Why no finding of this code may be let pass, and what is meant perhaps; null where it may. */
export function whyNotAllowed(code: string): string | null {
  if (isWarningCode(code)) return null;
  const known = `Known are ${warningCodes.join(', ')}.`;
  if (Object.hasOwn(problemCodes, code)) {
    return `${code} is an error, which cannot be allowed. ${known}`;
  }
  const nearest = closestName(code, warningCodes);
  const advice = nearest === null ? known : `Did you mean ${nearest}?`;
  return `there is no warning called ${JSON.stringify(code)}. ${advice}`;
}

/** Why a widget is held though nothing is wrong with its file. docs/problems.md lists the same codes. */
export const heldCodes = {
  suspended: '`sync.suspend` of the file says so, or `suspend` of its account.',
  'not-in-account': 'The account has no such widget.',
  'ignored-unread':
    '`sync.ignore` names a place inside a field that would be written, and the account cannot be read.',
  'ignored-in-list':
    '`sync.ignore` names a place inside a list that would be written: a list is ignored whole.',
  'live-too-deep':
    'The live widget nests more than 256 levels deep: it can neither be compared nor kept by a write.',
  'unexpected-error': 'A bug was met while the widget was planned; the log has its stack.',
} as const;

/** How the message beside `suspended` begins where no file says it, but the account's entry. */
export const suspendedAsAWhole = 'the whole account is suspended';

export type HeldCode = keyof typeof heldCodes;
