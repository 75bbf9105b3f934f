// The commands of a program, as a shell or a manual page tells of them. Types only.

/** What stands behind an option, or as the argument of a command. */
export type Takes =
  | { readonly kind: 'nothing' | 'text' | 'file' | 'directory' }
  | { readonly kind: 'words'; readonly words: readonly string[] };

export interface NamedWords {
  /** With its dashes. */
  readonly name: string;
  readonly short: string | null;
  /** The name of its value, without brackets; null where it takes none. */
  readonly placeholder: string | null;
  readonly description: string;
  readonly takes: Takes;
}

export interface CommandWords {
  readonly name: string;
  readonly description: string;
  /** As the help has it, without the names of program and command. */
  readonly usage: string;
  readonly argument: Takes;
  readonly options: readonly NamedWords[];
}

export interface CommandTree {
  readonly name: string;
  readonly description: string;
  readonly options: readonly NamedWords[];
  readonly commands: readonly CommandWords[];
}
