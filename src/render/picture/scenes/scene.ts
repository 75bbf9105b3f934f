// What a picture shows, as values: texts that are cleaned and clipped, colours as `#rrggbb`. Where each
// comes from is decided in face/; where it goes is decided by the drawing of its kind.
import type { Face, Part } from '../../../face/slots.ts';
import type { IconName } from '../draw/icons.ts';
import type { Box } from '../draw/shapes.ts';

/** The first entries of a list, and how many more there are. */
export interface Some<Entry> {
  readonly shown: readonly Entry[];
  readonly more: number;
}

export interface Bubble {
  readonly ground: string;
  readonly ink: string;
  readonly text: string;
}

export interface Button {
  readonly label: string;
  readonly icon: IconName | null;
}

/** The chat's window. */
export interface ChatScene {
  readonly kind: 'chat';
  readonly face: Face;
  readonly header: { readonly ground: string; readonly ink: string; readonly title: string };
  readonly subHeading: string;
  readonly intro: string;
  readonly visitor: Bubble;
  readonly assistant: Bubble;
  readonly buttons: Some<Button>;
  readonly buttonInk: string;
  readonly suggestions: Some<string>;
  readonly suggestionInk: string;
  readonly suggestionsHeading: string;
  readonly startHeading: string;
  readonly startSubHeading: string;
  readonly placeholder: string;
  readonly hasBranding: boolean;
  /** Null for a page of its own, which nobody opens from a launcher. */
  readonly launcher: { readonly ground: string; readonly text: string } | null;
}

export interface PhoneScene {
  readonly kind: 'phone';
  readonly channel: string;
  readonly title: string;
  readonly message: string;
  readonly replies: Some<string>;
  /** What is to be known of the message, such as into how many it is cut; '' for nothing. */
  readonly note: string;
}

export interface CallCardScene {
  readonly kind: 'call-card';
  readonly channel: string;
  readonly title: string;
  readonly greeting: string;
  readonly attributes: Some<readonly [name: string, value: string]>;
}

export interface BallScene {
  readonly kind: 'ball';
  readonly title: string;
  readonly hasLogo: boolean;
  readonly ground: string;
  readonly hasBranding: boolean;
}

export interface FormScene {
  readonly kind: 'form' | 'call-form';
  readonly header: { readonly ground: string; readonly ink: string; readonly title: string };
  readonly intro: string;
  /** Of the button that sends it. */
  readonly button: string;
  readonly hasBranding: boolean;
}

export type Drawn = ChatScene | PhoneScene | CallCardScene | BallScene | FormScene;

/** A widget as a visitor meets it. */
export type PictureScene = Drawn & {
  /** What names the picture to somebody who does not see it. */
  readonly label: string;
};

/** Where a part stands. A part that shows nothing has its place, too: it may have shown something before. */
export interface PlacedPart {
  readonly part: Part;
  readonly box: Box;
  readonly radius: number;
  /** Said in its place where it shows nothing. */
  readonly absent?: string;
}

export interface Drawing {
  /** Markup, in the order of painting. */
  readonly svg: string;
  /** From top to bottom, and from left to right. */
  readonly parts: readonly PlacedPart[];
}
