import { Tooltip } from '@mantine/core'
import {
  IconArticle,
  IconBriefcase,
  IconFiles,
  IconHistory,
  IconInfoCircle,
  IconKey,
  IconPlugConnected,
  IconTicket,
  IconUserPlus,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useIsAdmin } from '../session.ts'
import classes from './shell.module.css'

interface Place {
  to: NonNullable<LinkProps['to']>
  label: string
  Icon: typeof IconTicket
  adminOnly?: boolean
}

const records: Place[] = [
  { to: '/tickets', label: 'Tickets', Icon: IconTicket },
  { to: '/customers', label: 'Customers', Icon: IconUsers },
  { to: '/deals', label: 'Deals', Icon: IconBriefcase },
  { to: '/leads', label: 'Leads', Icon: IconUserPlus },
  { to: '/articles', label: 'Articles', Icon: IconArticle },
  { to: '/files', label: 'Files', Icon: IconFiles },
]

const settings: Place[] = [
  { to: '/settings/integrations', label: 'Integrations', Icon: IconPlugConnected },
  { to: '/settings/people', label: 'People', Icon: IconUsersGroup, adminOnly: true },
  { to: '/settings/api-keys', label: 'API keys', Icon: IconKey, adminOnly: true },
  { to: '/settings/audit-trail', label: 'Audit trail', Icon: IconHistory, adminOnly: true },
  { to: '/settings/about', label: 'About', Icon: IconInfoCircle },
]

/** The places of the page, records first; `collapsed` leaves the icons, each with its name on hover and focus. */
export function Navigation({ collapsed, onNavigate }: { collapsed: boolean; onNavigate?: () => void }) {
  const isAdmin = useIsAdmin()
  const group = (name: string, places: Place[]) => (
    <section aria-label={name}>
      <div className={classes.heading} aria-hidden>
        {name}
      </div>
      {places
        .filter((place) => isAdmin || !place.adminOnly)
        .map((place) => (
          <PlaceLink key={place.label} place={place} collapsed={collapsed} onNavigate={onNavigate} />
        ))}
    </section>
  )
  return (
    <nav aria-label="Main" className={collapsed ? classes.collapsed : undefined}>
      {group('Records', records)}
      {group('Settings', settings)}
    </nav>
  )
}

function PlaceLink({
  place: { to, label, Icon },
  collapsed,
  onNavigate,
}: {
  place: Place
  collapsed: boolean
  onNavigate: (() => void) | undefined
}): ReactElement {
  return (
    <Tooltip label={label} position="right" disabled={!collapsed}>
      <Link
        to={to}
        className={classes.link}
        aria-label={label}
        activeOptions={{ includeSearch: false }}
        onClick={() => onNavigate?.()}
      >
        <Icon size={18} stroke={1.6} aria-hidden />
        {!collapsed && label}
      </Link>
    </Tooltip>
  )
}
