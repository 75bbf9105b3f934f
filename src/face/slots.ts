// Which field of a widget paints what, in which scene: the one place that knows. Pure.
//
// As of August 2025, from the vendor's public embed scripts: the classic face (the window that the
// embed script opens) and the new one (chat-widget-v2). Scenes of channels that the vendor does not
// paint, such as WhatsApp, are drawn as the channel shows a message.
import type { Json } from '../base/json/json.ts';
import type { WidgetFile } from '../model/widget.ts';

export const facesAsOf = '2025-08';

/**
 * `window`: the open chat beside its closed launcher; `page`: the same window alone; `ball`: the call
 * in the browser; `call-form`: asks for a number to call; `call-card`: a telephone line; `phone`: a
 * messenger or SMS; `form`: a form that is defined in the dashboard.
 */
export type Scene = 'window' | 'page' | 'ball' | 'call-form' | 'call-card' | 'phone' | 'form';

export type Part =
  | 'header'
  | 'intro'
  | 'visitor-bubble'
  | 'assistant-bubble'
  | 'buttons'
  | 'suggestions'
  | 'textbox'
  | 'branding'
  | 'bubble-card'
  | 'launcher'
  | 'ball'
  | 'call-button'
  | 'attributes';

export type Face = 'classic' | 'new';

type WidgetType = NonNullable<WidgetFile['widget_type']>;

export const scenes: Readonly<Record<WidgetType, Scene>> = {
  chat: 'window',
  leadconnector: 'window',
  html: 'page',
  web_call: 'ball',
  html_call: 'call-form',
  phone: 'call-card',
  plivo_call: 'call-card',
  telnyx_call: 'call-card',
  leadconnector_call: 'call-card',
  whatsapp: 'phone',
  telegram: 'phone',
  fb_messenger: 'phone',
  instagram: 'phone',
  sms: 'phone',
  render_form: 'form',
};

/** One thing that is painted, and where its value comes from. */
export interface Slot {
  readonly part: Part;
  readonly scenes: readonly Scene[];
  /** JSON Pointers into the body: the first one that is set paints. None where a face reads nothing. */
  readonly from: readonly string[];
  /** Where the new face reads others. */
  readonly fromNew?: readonly string[];
  /** What the vendor paints where none is set; null for nothing. */
  readonly otherwise: Json;
  /** Where the new face has another default. */
  readonly otherwiseNew?: Json;
  /** Those of `from` that no script was seen to read: they stand in, as their names say. */
  readonly doubtful?: readonly string[];
  /** It is seen only where this list has entries. */
  readonly needs?: string;
}

const chats: readonly Scene[] = ['window', 'page'];
const withHeader: readonly Scene[] = ['window', 'page', 'form', 'call-form'];
const messages: readonly Scene[] = [...withHeader, 'phone', 'call-card'];
const openings = '/user_opening_messages';
const buttons = '/action_buttons';
const style = (name: string) => `/style_params/${name}`;

const vendorBlue = '#3b81f6';
const vendor = 'Insighto.AI';

export const slots = {
  headerGround: {
    part: 'header',
    scenes: withHeader,
    from: ['/header_color'],
    otherwise: vendorBlue,
  },
  // The new face writes it white, whatever is declared.
  headerInk: {
    part: 'header',
    scenes: withHeader,
    from: ['/header_text_color'],
    fromNew: [],
    otherwise: '#ffffff',
  },
  title: { part: 'header', scenes: withHeader, from: ['/display_name'], otherwise: vendor },
  channelTitle: {
    part: 'header',
    scenes: ['phone', 'call-card'],
    from: ['/display_name', '/name'],
    otherwise: null,
  },
  ballTitle: { part: 'header', scenes: ['ball'], from: [style('header_name')], otherwise: null },
  ballLogo: { part: 'header', scenes: ['ball'], from: [style('logo')], otherwise: null },
  subHeading: {
    part: 'header',
    scenes: chats,
    from: [],
    fromNew: [style('sub_heading')],
    otherwise: null,
  },
  intro: {
    part: 'intro',
    scenes: messages,
    from: ['/intro_message'],
    otherwise: 'How can I help you ?',
  },
  suggestions: {
    part: 'suggestions',
    scenes: [...chats, 'phone'],
    from: [openings],
    otherwise: [],
  },
  suggestionInk: {
    part: 'suggestions',
    scenes: chats,
    from: ['/ice_break_color'],
    fromNew: ['/header_color'],
    otherwise: vendorBlue,
    needs: openings,
  },
  suggestionsHeading: {
    part: 'suggestions',
    scenes: chats,
    from: [],
    fromNew: [style('ice_breaker_heading')],
    otherwise: null,
  },
  startHeading: {
    part: 'suggestions',
    scenes: chats,
    from: [],
    fromNew: [style('cta/heading')],
    otherwise: null,
  },
  startSubHeading: {
    part: 'suggestions',
    scenes: chats,
    from: [],
    fromNew: [style('cta/sub_heading')],
    otherwise: null,
  },
  visitorGround: {
    part: 'visitor-bubble',
    scenes: chats,
    from: ['/user_message_color'],
    otherwise: vendorBlue,
  },
  visitorInk: {
    part: 'visitor-bubble',
    scenes: chats,
    from: ['/user_text_message_color'],
    otherwise: '#ffffff',
  },
  assistantGround: {
    part: 'assistant-bubble',
    scenes: chats,
    from: ['/bot_message_color'],
    otherwise: '#f1f1f0',
    otherwiseNew: '#e2edff',
  },
  assistantInk: {
    part: 'assistant-bubble',
    scenes: chats,
    from: ['/bot_text_message_color'],
    otherwise: '#000000',
  },
  buttons: { part: 'buttons', scenes: chats, from: [buttons], otherwise: [] },
  buttonInk: {
    part: 'buttons',
    scenes: chats,
    from: ['/action_buttons_color', '/ice_break_color'],
    fromNew: ['/header_color'],
    otherwise: vendorBlue,
    needs: buttons,
  },
  placeholder: {
    part: 'textbox',
    scenes: chats,
    from: [style('placeholder'), '/textbox_default_text'],
    otherwise: null,
    doubtful: ['/textbox_default_text'],
  },
  branding: { part: 'branding', scenes: withHeader, from: ['/remove_branding'], otherwise: false },
  ballBranding: {
    part: 'branding',
    scenes: ['ball'],
    from: [style('remove_branding')],
    otherwise: false,
  },
  // Its default was not seen: the header's stands in.
  launcherGround: {
    part: 'launcher',
    scenes: ['window'],
    from: ['/bot_icon_color', '/bubble_color'],
    otherwise: vendorBlue,
    doubtful: ['/bubble_color'],
  },
  bubbleText: { part: 'bubble-card', scenes: ['window'], from: ['/bubble_text'], otherwise: null },
  ballGround: {
    part: 'ball',
    scenes: ['ball'],
    from: [style('theme/magicBall/bgColor')],
    otherwise: '#1865e9',
  },
  callButton: {
    part: 'call-button',
    scenes: ['call-form'],
    from: [style('button_label')],
    otherwise: 'Call',
  },
  attributes: { part: 'attributes', scenes: ['call-card'], from: ['/attributes'], otherwise: null },
} as const satisfies Readonly<Record<string, Slot>>;

export type SlotName = keyof typeof slots;

/** What the scripts read though it is not in a picture: when the window opens, what it forgets. */
export const readSilently: readonly string[] = [
  'auto_open_widget',
  'auto_close_bubble_everytime',
  'hide_ice_breaker_for_session',
  'show_reset_button',
].map(style);

/** The fields of a button that the scripts read; `icon` is one of `buttonIcons`. */
export const buttonFields: readonly string[] = ['label', 'link', 'icon'];
export const buttonIcons: readonly string[] = ['calendar', 'info', 'quote', 'call', 'pdf'];

/** The new face shows so many characters of `display_name`. */
export const longestNewTitle = 12;

export const colourFields: readonly string[] = [
  'header_color',
  'header_text_color',
  'user_message_color',
  'user_text_message_color',
  'bot_message_color',
  'bot_text_message_color',
  'ice_break_color',
  'action_buttons_color',
  'bot_icon_color',
  'bubble_color',
];

/** Fields that nothing reads in a scene, and why. Of other scenes too little is known to say so. */
export const unread: Readonly<
  Partial<Record<Scene, { readonly fields: readonly string[]; readonly why: string }>>
> = {
  page: {
    fields: ['bot_icon_color', 'bubble_color', 'bubble_text'],
    why: 'a hosted page has no launcher',
  },
  ball: {
    fields: [...colourFields, 'display_name', 'bubble_text'],
    why: 'a call in the browser takes its looks from style_params',
  },
  'call-card': {
    fields: [...colourFields, 'bubble_text', 'textbox_default_text'],
    why: 'a telephone shows no window',
  },
  phone: {
    fields: [...colourFields, 'bubble_text', 'textbox_default_text'],
    why: 'the channel shows messages in its own look',
  },
};

/** Where all settings are known that are read from `style_params`. */
export const scenesOfKnownStyle: readonly Scene[] = ['window', 'page', 'ball'];
