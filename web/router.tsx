/** Every address of the page. Records' pages take any filter (`SearchParams`) and check what they understand. */

import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { aboutQuery, integrationsQuery, sessionQuery } from './queries.ts'
import { formatSearchParams, oneOf, parseSearchParams, type SearchParams, textOf } from './search-params.ts'
import { NotFound, RouteError, RoutePending } from './shell/route-states.tsx'
import { Shell } from './shell/shell.tsx'

const rootRoute = createRootRouteWithContext<{ queryClient: QueryClient }>()({ component: Outlet })

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search: SearchParams): { next?: string } => optional({ next: textOf(search.next) }),
  component: lazyRouteComponent(() => import('./pages/sign-in.tsx')),
})

const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./pages/welcome.tsx')),
})

const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./pages/invitation.tsx')),
})

const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'app',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (!session.person) throw redirect({ to: '/sign-in', search: { next: location.href } })
  },
})

/** Settings that only an admin may see. */
const adminRoute = createRoute({
  getParentRoute: () => appRoute,
  id: 'admin',
  beforeLoad: async ({ context }) => {
    const session = await context.queryClient.ensureQueryData(sessionQuery)
    if (session.person?.role !== 'admin') throw redirect({ to: '/settings/integrations' })
  },
})

const homeRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/',
  beforeLoad: async ({ context }) => {
    const { items } = await context.queryClient.ensureQueryData(integrationsQuery)
    throw redirect({ to: items.length === 0 ? '/settings/integrations' : '/tickets' })
  },
})

const filtered = { validateSearch: (search: SearchParams): SearchParams => search }
const record = { getParentRoute: () => appRoute, ...filtered }

const recordRoutes = [
  createRoute({ ...record, path: '/tickets', component: lazyRouteComponent(() => import('./records/tickets.tsx')) }),
  createRoute({ ...record, path: '/tickets/$id', component: lazyRouteComponent(() => import('./records/ticket.tsx')) }),
  createRoute({
    ...record,
    path: '/customers',
    component: lazyRouteComponent(() => import('./records/customers.tsx')),
  }),
  createRoute({
    ...record,
    path: '/customers/accounts/$id',
    component: lazyRouteComponent(() => import('./records/account.tsx')),
  }),
  createRoute({
    ...record,
    path: '/customers/contacts/$id',
    component: lazyRouteComponent(() => import('./records/contact.tsx')),
  }),
  createRoute({ ...record, path: '/deals', component: lazyRouteComponent(() => import('./records/deals.tsx')) }),
  createRoute({ ...record, path: '/deals/$id', component: lazyRouteComponent(() => import('./records/deal.tsx')) }),
  createRoute({ ...record, path: '/leads', component: lazyRouteComponent(() => import('./records/leads.tsx')) }),
  createRoute({ ...record, path: '/leads/$id', component: lazyRouteComponent(() => import('./records/lead.tsx')) }),
  createRoute({ ...record, path: '/articles', component: lazyRouteComponent(() => import('./records/articles.tsx')) }),
  createRoute({
    ...record,
    path: '/articles/$id',
    component: lazyRouteComponent(() => import('./records/article.tsx')),
  }),
  createRoute({ ...record, path: '/files', component: lazyRouteComponent(() => import('./records/files.tsx')) }),
] as const

const integrationsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/settings/integrations',
  // `attempt`: the login went through this window, for lack of one of its own.
  validateSearch: (search: SearchParams): { attempt?: string } => optional({ attempt: textOf(search.attempt) }),
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(integrationsQuery)
  },
  component: lazyRouteComponent(() => import('./pages/integrations.tsx')),
})

const catalogueRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/settings/integrations/new',
  validateSearch: (search: SearchParams): { q?: string } => optional({ q: textOf(search.q) }),
  component: lazyRouteComponent(() => import('./pages/catalogue.tsx')),
})

const formTabs = ['basic', 'authentication'] as const
const formSearch = (search: SearchParams): { tab?: (typeof formTabs)[number] } =>
  optional({ tab: oneOf(search.tab, formTabs) })

const addRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/settings/integrations/new/salesforce',
  validateSearch: formSearch,
  loader: ({ context }) => {
    void context.queryClient.prefetchQuery(aboutQuery)
  },
  component: lazyRouteComponent(() => import('./pages/add-salesforce.tsx')),
})

const editRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/settings/integrations/$id/edit',
  validateSearch: formSearch,
  component: lazyRouteComponent(() => import('./pages/edit-integration.tsx')),
})

const integrationTabs = ['overview', 'objects', 'runs'] as const

const integrationRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/settings/integrations/$id',
  validateSearch: (search: SearchParams): { tab?: (typeof integrationTabs)[number]; run?: string } =>
    optional({ tab: oneOf(search.tab, integrationTabs), run: textOf(search.run) }),
  component: lazyRouteComponent(() => import('./pages/integration.tsx')),
})

const peopleRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/settings/people',
  component: lazyRouteComponent(() => import('./pages/people.tsx')),
})

const apiKeysRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/settings/api-keys',
  component: lazyRouteComponent(() => import('./pages/api-keys.tsx')),
})

const auditRoute = createRoute({
  getParentRoute: () => adminRoute,
  path: '/settings/audit-trail',
  validateSearch: (search: SearchParams): { integrationId?: string } =>
    optional({ integrationId: textOf(search.integrationId) }),
  component: lazyRouteComponent(() => import('./pages/audit-trail.tsx')),
})

const aboutRoute = createRoute({
  getParentRoute: () => appRoute,
  path: '/settings/about',
  component: lazyRouteComponent(() => import('./pages/about.tsx')),
})

const unknownRoute = createRoute({ getParentRoute: () => appRoute, path: '$', component: NotFound })

const routeTree = rootRoute.addChildren([
  signInRoute,
  welcomeRoute,
  invitationRoute,
  appRoute.addChildren([
    homeRoute,
    ...recordRoutes,
    integrationsRoute,
    integrationRoute,
    aboutRoute,
    unknownRoute,
    adminRoute.addChildren([catalogueRoute, addRoute, editRoute, peopleRoute, apiKeysRoute, auditRoute]),
  ]),
])

/** The router of the whole page. */
export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    parseSearch: parseSearchParams,
    stringifySearch: formatSearchParams,
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 200,
    scrollRestoration: true,
    defaultPendingComponent: RoutePending,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFound,
  })
}

/** Leaves out what is undefined, so that it is left out of the address too. */
function optional<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> }
}
