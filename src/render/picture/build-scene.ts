// A widget's body → what its picture shows. Which field paints what is looked up in face/; nothing here
// knows a field's name but those that name the widget itself.
import type { Json, JsonObject } from '../../base/json/json.ts';
import { isJsonObject } from '../../base/json/json.ts';
import { count } from '../../base/text.ts';
import { paintedIn, sceneOf } from '../../face/faces.ts';
import { buttonIcons, longestNewTitle } from '../../face/slots.ts';
import { smsSegments } from '../../face/sms-segments.ts';
import { channelName } from './channels.ts';
import { type IconName, isIconName } from './draw/icons.ts';
import { faceOf } from './face-of.ts';
import type {
  BallScene,
  Button,
  CallCardScene,
  ChatScene,
  Drawn,
  FormScene,
  PhoneScene,
  PictureScene,
} from './scenes/scene.ts';
import {
  colourIn,
  entriesIn,
  firstOf,
  isSetIn,
  isTrueIn,
  membersIn,
  most,
  mostEntries,
  type Seen,
  textIn,
  textOf,
  valueText,
} from './slot-values.ts';
import { plainText } from './text/plain-text.ts';

/**
 * `body` is a widget's fields as a file declares them, or laid over what is live. Any JSON is taken: what
 * is missing, or of a wrong kind, shows as the vendor's default does.
 */
export function buildScene(body: JsonObject): PictureScene {
  const seen = { body, face: faceOf(body) };
  return { ...drawnOf(seen), label: labelOf(body) };
}

function labelOf(body: JsonObject): string {
  const name = textOf(body['name'], most.name) || textOf(body['display_name'], most.name);
  return `${name || 'Widget without a name'}, ${channelName(body['widget_type'])}`;
}

function drawnOf(seen: Seen): Drawn {
  const scene = sceneOf(seen.body['widget_type']);
  switch (scene) {
    case 'window':
    case 'page':
      return chatOf(seen, scene);
    case 'phone':
      return phoneOf(seen);
    case 'call-card':
      return callCardOf(seen);
    case 'ball':
      return ballOf(seen);
    case 'form':
    case 'call-form':
      return formOf(seen, scene);
  }
}

function chatOf(seen: Seen, scene: 'window' | 'page'): ChatScene {
  const { face } = seen;
  const suggestions = suggestionsIn(seen);
  const headerGround = colourIn(seen, 'headerGround');
  const isNew = face === 'new';
  return {
    kind: 'chat',
    face,
    header: {
      ground: headerGround,
      ink: isNew ? '#ffffff' : colourIn(seen, 'headerInk'),
      title: titleOf(seen),
    },
    subHeading: isNew ? textIn(seen, 'subHeading', most.suggestion) : '',
    intro: textIn(seen, 'intro', most.intro),
    visitor: {
      ground: colourIn(seen, 'visitorGround'),
      ink: colourIn(seen, 'visitorInk'),
      text: suggestions[0] ?? 'This is how a question looks.',
    },
    assistant: {
      ground: colourIn(seen, 'assistantGround'),
      ink: colourIn(seen, 'assistantInk'),
      text: 'This is how an answer looks.',
    },
    buttons: firstOf(entriesIn(seen, 'buttons').map(buttonOf), mostEntries.buttons),
    buttonInk: isNew ? headerGround : colourIn(seen, 'buttonInk'),
    suggestions: firstOf(suggestions, mostEntries.suggestions),
    suggestionInk: isNew ? headerGround : colourIn(seen, 'suggestionInk'),
    suggestionsHeading: isNew ? textIn(seen, 'suggestionsHeading', most.suggestion) : '',
    startHeading: isNew ? textIn(seen, 'startHeading', most.suggestion) : '',
    startSubHeading: isNew ? textIn(seen, 'startSubHeading', most.suggestion) : '',
    placeholder: textIn(seen, 'placeholder', most.placeholder) || 'Type or speak using mic',
    hasBranding: !isTrueIn(seen, 'branding'),
    launcher:
      scene === 'page'
        ? null
        : {
            ground: colourIn(seen, 'launcherGround'),
            text: textIn(seen, 'bubbleText', most.card),
          },
  };
}

function titleOf(seen: Seen): string {
  return textIn(seen, 'title', seen.face === 'new' ? longestNewTitle + 1 : most.name);
}

/** An empty one paints nothing that could be seen. */
function suggestionsIn(seen: Seen): string[] {
  return entriesIn(seen, 'suggestions')
    .map((entry) => textOf(entry, most.suggestion))
    .filter((text) => text !== '');
}

function buttonOf(entry: Json): Button {
  const label = isJsonObject(entry) ? textOf(entry['label'], most.suggestion) : '';
  const name = isJsonObject(entry) ? entry['icon'] : undefined;
  // Without an icon of its own, a button has the one for information.
  const icon = isButtonIcon(name) ? name : 'info';
  return { label: label || '…', icon };
}

function isButtonIcon(name: Json | undefined): name is IconName {
  return typeof name === 'string' && buttonIcons.includes(name) && isIconName(name);
}

function phoneOf(seen: Seen): PhoneScene {
  const type = seen.body['widget_type'];
  return {
    kind: 'phone',
    channel: typeof type === 'string' ? type : '',
    title: textIn(seen, 'channelTitle', most.name) || 'Assistant',
    message: textIn(seen, 'intro', most.intro),
    replies: firstOf(suggestionsIn(seen), mostEntries.suggestions),
    note: type === 'sms' ? segmentsNote(seen) : '',
  };
}

/** Into how many messages the whole text is cut, not only what is shown of it. */
function segmentsNote({ body, face }: Seen): string {
  const { value } = paintedIn('intro', body, face);
  if (typeof value !== 'string') return '';
  const { encoding, places, segments } = smsSegments(value);
  return `${count(places, 'character')}, ${encoding}: ${count(segments, 'segment')}`;
}

function callCardOf(seen: Seen): CallCardScene {
  return {
    kind: 'call-card',
    channel: channelName(seen.body['widget_type']),
    title: textIn(seen, 'channelTitle', most.name) || 'Assistant',
    greeting: textIn(seen, 'intro', most.intro),
    attributes: firstOf(membersIn(seen, 'attributes').map(attributeOf), mostEntries.attributes),
  };
}

function attributeOf([name, value]: [string, Json]): readonly [string, string] {
  return [plainText(name.replaceAll('_', ' '), most.name), valueText(value, most.suggestion)];
}

function ballOf(seen: Seen): BallScene {
  return {
    kind: 'ball',
    title: textIn(seen, 'ballTitle', most.name),
    hasLogo: isSetIn(seen, 'ballLogo'),
    ground: colourIn(seen, 'ballGround'),
    hasBranding: !isTrueIn(seen, 'ballBranding'),
  };
}

function formOf(seen: Seen, kind: 'form' | 'call-form'): FormScene {
  return {
    kind,
    header: {
      ground: colourIn(seen, 'headerGround'),
      ink: colourIn(seen, 'headerInk'),
      title: titleOf(seen),
    },
    intro: textIn(seen, 'intro', most.intro),
    button: kind === 'call-form' ? textIn(seen, 'callButton', most.name) : 'Send',
    hasBranding: !isTrueIn(seen, 'branding'),
  };
}
