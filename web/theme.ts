/** One accent, neutral greys, 14 px base, subtle borders; every text colour at AA contrast in both themes. */

import { Alert, type CSSVariablesResolver, createTheme, rem } from '@mantine/core'

/** A tint and a thin border: Mantine's own fill is loud, most of all in the dark. */
function alertVars(color: string | undefined) {
  const ink = `var(--loopline-${alertInks[color ?? 'indigo'] ?? 'blue'})`
  return {
    '--alert-color': ink,
    '--alert-bg': `color-mix(in srgb, ${ink} 8%, var(--mantine-color-body))`,
    '--alert-bd': `1px solid color-mix(in srgb, ${ink} 35%, var(--mantine-color-body))`,
  }
}

const alertInks: Record<string, string> = { red: 'red', yellow: 'amber', green: 'green', indigo: 'blue' }

const dialogTitle = { title: { fontSize: rem(16), fontWeight: 600 } }

export const theme = createTheme({
  primaryColor: 'indigo',
  // Shade 6 with white text is 4.3:1, just under AA.
  primaryShade: { light: 7, dark: 8 },
  defaultRadius: 'md',
  radius: { xs: rem(2), sm: rem(4), md: rem(6), lg: rem(8), xl: rem(12) },
  fontFamily:
    '-apple-system, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans", "Liberation Sans", Arial, system-ui, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: rem(12), sm: rem(14), md: rem(14), lg: rem(16), xl: rem(18) },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: rem(22), lineHeight: '1.3' },
      h2: { fontSize: rem(17), lineHeight: '1.35' },
      h3: { fontSize: rem(15), lineHeight: '1.4' },
      h4: { fontSize: rem(14), lineHeight: '1.45' },
    },
  },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    Alert: Alert.extend({ vars: (_theme, { color }) => ({ root: alertVars(color) }) }),
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, events: { hover: true, focus: true, touch: false } } },
    Modal: {
      defaultProps: { overlayProps: { backgroundOpacity: 0.4 }, closeButtonProps: { 'aria-label': 'Close' } },
      styles: dialogTitle,
    },
    Drawer: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } }, styles: dialogTitle },
    // Their <header> would be a second banner of the page.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    DrawerHeader: { defaultProps: { role: 'presentation' } },
    Notification: {
      defaultProps: { closeButtonProps: { 'aria-label': 'Close' } },
      styles: { description: { color: 'var(--mantine-color-text)' } },
    },
    Paper: { defaultProps: { withBorder: true } },
    Anchor: { defaultProps: { underline: 'hover' } },
    Table: { defaultProps: { verticalSpacing: 'xs', horizontalSpacing: 'sm' } },
  },
})

/** Mantine's own greys for secondary text are under 4.5:1. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#596069',
    '--mantine-color-placeholder': '#717780',
    '--mantine-color-error': '#c92a2a',
    '--loopline-green': '#237a36',
    '--loopline-amber': '#a24b00',
    '--loopline-red': '#c92a2a',
    '--loopline-blue': '#3b5bdb',
    '--loopline-grey': '#596069',
    '--loopline-subtle': '#f6f7f9',
  },
  dark: {
    '--mantine-color-dimmed': '#a6a7ab',
    '--mantine-color-placeholder': '#8d8f94',
    '--mantine-color-error': '#ff8787',
    '--loopline-green': '#69db7c',
    '--loopline-amber': '#ffc078',
    '--loopline-red': '#ff8787',
    '--loopline-blue': '#91a7ff',
    '--loopline-grey': '#a6a7ab',
    '--loopline-subtle': '#2a2a2a',
  },
})
