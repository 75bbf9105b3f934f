// How the channels look around a message, and what they are called: their own colours, which no field
// of a widget changes.

export interface ChannelLook {
  readonly name: string;
  readonly header: string;
  readonly headerInk: string;
  readonly ground: string;
  readonly bubble: string;
  readonly replyInk: string;
  /** Where a visitor's replies stand: one below the other, or as pills in rows. */
  readonly replies: 'below' | 'pills';
  readonly avatar: string;
}

const plain = {
  header: '#ffffff',
  headerInk: '#0f172a',
  ground: '#ffffff',
  bubble: '#efeff2',
  replies: 'pills',
} as const;

const looks = {
  whatsapp: {
    name: 'WhatsApp',
    header: '#075e54',
    headerInk: '#ffffff',
    ground: '#efeae2',
    bubble: '#ffffff',
    replyInk: '#00795f',
    replies: 'below',
    avatar: '#54656f',
  },
  telegram: {
    name: 'Telegram',
    header: '#ffffff',
    headerInk: '#0f172a',
    ground: '#dfe9f2',
    bubble: '#ffffff',
    replyInk: '#1f6fae',
    replies: 'below',
    avatar: '#2f7fbf',
  },
  fb_messenger: { ...plain, name: 'Messenger', replyInk: '#0a66d8', avatar: '#0a66d8' },
  instagram: { ...plain, name: 'Instagram', replyInk: '#7a3bd1', avatar: '#a12d86' },
  sms: { ...plain, name: 'SMS', header: '#f6f6f8', replyInk: '#1d5fd1', avatar: '#6b7280' },
} as const satisfies Record<string, ChannelLook>;

/** For a messenger; of anything else, as an SMS. */
export function lookOf(channel: string): ChannelLook {
  return Object.hasOwn(looks, channel) ? looks[channel as keyof typeof looks] : looks.sms;
}

const names: { readonly [widgetType: string]: string } = {
  chat: 'Web chat',
  html: 'Web page',
  leadconnector: 'LeadConnector chat',
  whatsapp: 'WhatsApp',
  telegram: 'Telegram',
  fb_messenger: 'Messenger',
  instagram: 'Instagram',
  sms: 'SMS',
  phone: 'Phone',
  plivo_call: 'Plivo call',
  telnyx_call: 'Telnyx call',
  leadconnector_call: 'LeadConnector call',
  web_call: 'Web call',
  html_call: 'Call form',
  render_form: 'Form',
};

/** What people call a `widget_type`; a type without a name of its own is a chat. */
export function channelName(widgetType: unknown): string {
  const known = typeof widgetType === 'string' && Object.hasOwn(names, widgetType);
  return (known ? names[widgetType] : undefined) ?? 'Web chat';
}
