/** The way through Salesforce's login window and back, for a new integration and for a new token. */

import { useQuery } from '@tanstack/react-query'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { ConnectAttempt, ConnectStart, Failure } from '../../src/api/schemas.ts'
import { api, failureOf } from '../api.ts'

/** Where the window stands: `elsewhere` when it is closed, or its page is one that hides from us (COOP). */
type WindowState = 'open' | 'elsewhere' | 'blocked'

export type ConnectPhase =
  | { name: 'idle' }
  | { name: 'starting' }
  | { name: 'waiting'; start: ConnectStart; window: WindowState }
  | { name: 'failed'; failure: Failure }

/** The callback's page tells of the outcome on this channel, since a login page may cut the way to its opener. */
const channelName = 'loopline-connect'
const returnKey = 'loopline.connect.return'

/**
 * `connect` must be called inside the click itself: browsers open windows only then. `begin` asks the API for the
 * login's address; what it throws goes to `onRefused` when that returns true, else it is shown as the failure.
 */
export function useConnect({ onConnected }: { onConnected: (attempt: ConnectAttempt) => void }) {
  const [phase, setPhase] = useState<ConnectPhase>({ name: 'idle' })
  const popup = useRef<Window | null>(null)
  const attemptId = phase.name === 'waiting' ? phase.start.attemptId : null

  const attempt = useQuery({
    queryKey: ['connect-attempt', attemptId],
    queryFn: ({ signal }) => api.get<ConnectAttempt>(`/connect-attempts/${attemptId}`, { signal }),
    enabled: attemptId !== null,
    refetchInterval: 1_500,
    staleTime: 0,
    gcTime: 0,
  })

  const settle = useEffectEvent((answer: ConnectAttempt) => {
    if (answer.id !== attemptId || answer.state === 'pending') return
    popup.current?.close()
    if (answer.state === 'succeeded') {
      setPhase({ name: 'idle' })
      onConnected(answer)
    } else {
      setPhase({ name: 'failed', failure: answer.failure ?? expired })
    }
  })
  useEffect(() => {
    if (attempt.data) settle(attempt.data)
  }, [attempt.data])

  const { refetch } = attempt
  useEffect(() => {
    if (attemptId === null) return
    const hear = (event: MessageEvent<unknown>) => {
      if (tellsOf(event.data, attemptId)) void refetch()
    }
    const hearWindow = (event: MessageEvent<unknown>) => {
      if (event.origin === window.location.origin) hear(event)
    }
    const channel = new BroadcastChannel(channelName)
    channel.addEventListener('message', hear)
    window.addEventListener('message', hearWindow)
    const watch = setInterval(() => {
      if (!popup.current?.closed) return
      popup.current = null
      // The window closes itself after the outcome is stored: ask before saying that it was closed too early.
      void refetch().then(({ data }) => {
        if (data?.state === 'pending')
          setPhase((now) => (now.name === 'waiting' ? { ...now, window: 'elsewhere' } : now))
      })
    }, 400)
    return () => {
      clearInterval(watch)
      channel.close()
      window.removeEventListener('message', hearWindow)
    }
  }, [attemptId, refetch])

  const connect = (begin: () => Promise<ConnectStart>, onRefused: (error: unknown) => boolean = () => false) => {
    popup.current?.close()
    const opened = openLoginWindow()
    popup.current = opened
    setPhase({ name: 'starting' })
    begin().then(
      (start) => {
        if (opened && !opened.closed) opened.location.replace(start.authorizationUrl)
        sessionStorage.setItem(returnKey, window.location.pathname + window.location.search)
        setPhase({ name: 'waiting', start, window: opened === null ? 'blocked' : 'open' })
      },
      (error: unknown) => {
        opened?.close()
        setPhase(onRefused(error) ? { name: 'idle' } : { name: 'failed', failure: failureOf(error) })
      },
    )
  }

  const cancel = () => {
    popup.current?.close()
    popup.current = null
    setPhase({ name: 'idle' })
    // Best effort: an attempt that nobody cancels expires by itself.
    if (attemptId !== null) api.post(`/connect-attempts/${attemptId}/cancel`).catch(() => undefined)
  }

  return { phase, connect, cancel, dismiss: () => setPhase({ name: 'idle' }) }
}

/** The form that the last login was started from, for a login that took over this very window. */
export function connectReturnAddress(): string | null {
  return sessionStorage.getItem(returnKey)
}

const expired: Failure = {
  kind: 'invalid',
  code: 'ATTEMPT_EXPIRED',
  message: 'The login at Salesforce was not finished within 10 minutes.',
  action: 'Nothing was changed; what you entered is kept.',
  remedy: 'Start it again when you are ready.',
}

function openLoginWindow(): Window | null {
  const left = Math.max(0, window.screenX + (window.outerWidth - 560) / 2)
  const top = Math.max(0, window.screenY + (window.outerHeight - 740) / 2)
  const opened = window.open('', 'loopline-connect', `popup,width=560,height=740,left=${left},top=${top}`)
  if (!opened) return null
  try {
    opened.document.title = 'Salesforce'
    opened.document.body.textContent = 'Opening Salesforce…'
  } catch {
    // A window of that name from an earlier attempt stands at Salesforce; it is about to be sent on anyway.
  }
  return opened
}

function tellsOf(data: unknown, attemptId: string): boolean {
  return typeof data === 'object' && data !== null && 'attemptId' in data && data.attemptId === attemptId
}
