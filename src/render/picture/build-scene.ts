// A widget's body → what its picture shows. Which field paints what is looked up in face/; nothing here
// knows a field's name but those that name the widget itself.
import type { Json, JsonObject } from '../../base/json/json.ts';
import { isJsonObject } from '../../base/json/json.ts';
import { count } from '../../base/text.ts';
import { faceOf, paintedIn, sceneOf } from '../../face/faces.ts';
import { buttonIcons, longestNewTitle } from '../../face/slots.ts';
import { smsSegments } from '../../face/sms-segments.ts';
import { channelName } from './channels.ts';
import { type IconName, isIconName } from './draw/icons.ts';
import type {
  BallScene,
  Button,
  CallCardScene,
  ChatScene,
  Drawn,
  FormScene,
  PhoneScene,
  PictureScene,
  Some,
} from './scenes/scene.ts';
import {
  firstOf,
  isShownAsText,
  isSlotSet,
  isSlotTrue,
  most,
  mostEntries,
  type Seen,
  slotColour,
  slotEntries,
  slotMembers,
  slotText,
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
  const headerGround = slotColour(seen, 'headerGround');
  const visitorGround = slotColour(seen, 'visitorGround');
  const assistantGround = slotColour(seen, 'assistantGround');
  return {
    kind: 'chat',
    face,
    header: {
      ground: headerGround,
      ink: slotColour(seen, 'headerInk', headerGround),
      title: titleOf(seen),
    },
    subHeading: slotText(seen, 'subHeading', most.suggestion),
    intro: slotText(seen, 'intro', most.intro),
    visitor: {
      ground: visitorGround,
      ink: slotColour(seen, 'visitorInk', visitorGround),
      text: suggestions.shown[0] ?? 'This is how a question looks.',
    },
    assistant: {
      ground: assistantGround,
      ink: slotColour(seen, 'assistantInk', assistantGround),
      text: 'This is how an answer looks.',
    },
    buttons: firstOf(slotEntries(seen, 'buttons'), mostEntries.buttons, buttonOf),
    buttonInk: slotColour(seen, 'buttonInk'),
    suggestions,
    suggestionInk: slotColour(seen, 'suggestionInk'),
    suggestionsHeading: slotText(seen, 'suggestionsHeading', most.suggestion),
    startHeading: slotText(seen, 'startHeading', most.suggestion),
    startSubHeading: slotText(seen, 'startSubHeading', most.suggestion),
    placeholder: slotText(seen, 'placeholder', most.placeholder) || 'Type or speak using mic',
    hasBranding: !isSlotTrue(seen, 'branding'),
    launcher:
      scene === 'page'
        ? null
        : {
            ground: slotColour(seen, 'launcherGround'),
            text: slotText(seen, 'bubbleText', most.card),
          },
  };
}

function titleOf(seen: Seen): string {
  return slotText(seen, 'title', seen.face === 'new' ? longestNewTitle + 1 : most.name);
}

/** An empty one paints nothing that could be seen. */
function suggestionsIn(seen: Seen): Some<string> {
  const entries = slotEntries(seen, 'suggestions').filter(isShownAsText);
  return firstOf(entries, mostEntries.suggestions, (entry) => textOf(entry, most.suggestion));
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
    title: slotText(seen, 'channelTitle', most.name) || 'Assistant',
    message: slotText(seen, 'intro', most.intro),
    replies: suggestionsIn(seen),
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
    title: slotText(seen, 'channelTitle', most.name) || 'Assistant',
    greeting: slotText(seen, 'intro', most.intro),
    attributes: firstOf(slotMembers(seen, 'attributes'), mostEntries.attributes, attributeOf),
  };
}

function attributeOf([name, value]: [string, Json]): readonly [string, string] {
  return [plainText(name.replaceAll('_', ' '), most.name), valueText(value, most.suggestion)];
}

function ballOf(seen: Seen): BallScene {
  return {
    kind: 'ball',
    title: slotText(seen, 'ballTitle', most.name),
    hasLogo: isSlotSet(seen, 'ballLogo'),
    ground: slotColour(seen, 'ballGround'),
    hasBranding: !isSlotTrue(seen, 'ballBranding'),
  };
}

function formOf(seen: Seen, kind: 'form' | 'call-form'): FormScene {
  const headerGround = slotColour(seen, 'headerGround');
  return {
    kind,
    header: {
      ground: headerGround,
      ink: slotColour(seen, 'headerInk', headerGround),
      title: titleOf(seen),
    },
    intro: slotText(seen, 'intro', most.intro),
    button: kind === 'call-form' ? slotText(seen, 'callButton', most.name) : 'Send',
    hasBranding: !isSlotTrue(seen, 'branding'),
  };
}
