// Sets the theme before the first paint, from what the person chose or the system says.
;(() => {
  let chosen = null
  try {
    chosen = localStorage.getItem('loopline.theme')
  } catch {
    // Storage can be forbidden; the system's theme will do.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
