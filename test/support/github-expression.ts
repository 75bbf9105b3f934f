// What stands in `${{ }}` and behind `if:`, as far as the published workflows and the action need it
// (docs.github.com/actions: "Expressions"): contexts, texts, `!`, `==`, `!=`, `&&`, `||` and `cancelled()`.

export interface Scope {
  readonly [name: string]: string | Scope | undefined;
}

type Value = string | boolean;

/** Throws where it is something else. */
export function evaluate(expression: string, scope: Scope): Value {
  const tokens =
    expression.trim().match(/'(?:[^']|'')*'|[\w.-]+(?:\(\))?|&&|\|\||[!=]=|!|\S/g) ?? [];
  let at = 0;
  const take = (token: string) => {
    if (tokens[at] !== token) return false;
    at += 1;
    return true;
  };

  function either(): Value {
    let value = both();
    while (take('||')) {
      const other = both();
      value = value || other;
    }
    return value;
  }
  function both(): Value {
    let value = compared();
    while (take('&&')) {
      const other = compared();
      value = value && other;
    }
    return value;
  }
  function compared(): Value {
    const value = negated();
    if (take('==')) return value === negated();
    if (take('!=')) return value !== negated();
    return value;
  }
  function negated(): Value {
    return take('!') ? !negated() : single();
  }
  function single(): Value {
    const token = tokens[at] ?? '';
    at += 1;
    if (token === 'cancelled()') return false;
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (!/^[a-z][\w.-]*$/.test(token))
      throw new Error(`no expression that is known: ${expression}`);
    return lookUp(token, scope);
  }

  const value = either();
  if (at < tokens.length) throw new Error(`no expression that is known: ${expression}`);
  return value;
}

/** What is not there is the empty text. */
function lookUp(path: string, scope: Scope): string {
  let value: string | Scope | undefined = scope;
  for (const name of path.split('.')) value = typeof value === 'object' ? value[name] : undefined;
  return typeof value === 'string' ? value : '';
}
