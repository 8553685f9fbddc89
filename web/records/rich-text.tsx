import DOMPurify from 'dompurify'
import { useLayoutEffect, useRef } from 'react'
import classes from './rich-text.module.css'

const ALLOWED_TAGS = (
  'a abbr b blockquote br caption center code col colgroup dd del div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i ' +
  'img ins kbd li mark ol p pre q s small span strike strong sub sup table tbody td tfoot th thead tr u ul'
).split(' ')
const ALLOWED_ATTR = ['alt', 'colspan', 'dir', 'href', 'lang', 'rowspan', 'src', 'start', 'title']

/**
 * HTML that somebody outside wrote (an e-mail, an article, a post), shown so that it can't run, call out or dress up
 * as a part of this page: no scripts, styles, forms or frames; no picture from elsewhere; links open apart.
 */
export function RichText({ html }: { html: string }) {
  const element = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const body = element.current
    if (!body) return
    body.replaceChildren(sanitize(html))
    // A wide table scrolls inside the text; what scrolls must be within reach of the keyboard.
    if (body.scrollWidth > body.clientWidth) body.tabIndex = 0
    else body.removeAttribute('tabindex')
  }, [html])
  return <div ref={element} className={classes.body} />
}

/** Text as it was typed: line breaks kept, addresses made links, nothing else interpreted. */
export function PlainText({ text }: { text: string }) {
  const parts = text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,;:!?)\]])/)
  return (
    <div className={classes.plain}>
      {parts.map((part, index) =>
        index % 2 === 1 ? (
          // The parts of a text have no identity but their place.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <a key={index} href={part} target="_blank" rel="noopener noreferrer nofollow">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </div>
  )
}

// The fragment is still in DOMPurify's inert document here: a picture in it is not fetched.
function sanitize(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(withoutHandlers(html), {
    ALLOWED_TAGS,
    ALLOWED_ATTR,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:|tel:)/i,
    RETURN_DOM_FRAGMENT: true,
  })
  for (const link of fragment.querySelectorAll('a[href]')) {
    link.setAttribute('target', '_blank')
    link.setAttribute('rel', 'noopener noreferrer nofollow')
  }
  // A picture from elsewhere tells its sender who read the message and when.
  for (const image of fragment.querySelectorAll('img')) {
    if (image.getAttribute('src')?.startsWith('data:image/')) continue
    const place = image.ownerDocument.createElement('span')
    place.className = classes.picture ?? ''
    const alt = image.getAttribute('alt')?.trim()
    place.textContent = alt ? `Picture not loaded: ${alt}` : 'Picture not loaded'
    image.replaceWith(place)
  }
  return fragment
}

// DOMPurify takes these out by itself; but parsing them alone makes the browser report a breach of the page's policy.
function withoutHandlers(html: string): string {
  return html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/[\s/]on[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]*)/gi, ' '))
}
