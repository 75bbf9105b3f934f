// What stands where there is nothing to show, with the way back.
import { html } from '../page/html.ts';

/** `all`: in words, where the way back leads. */
export function notFoundPage(all: string): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<title>Not found – widget-sync</title>
</head>
<body>
<main>
<h1>There is no such page</h1>
<p>It may be of something that is not known any more. <a href="/">${all}</a></p>
</main>
</body>
</html>
`.markup;
}
