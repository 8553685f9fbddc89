import { Group, Text } from '@mantine/core'
import { IconExternalLink, IconFile, IconFiles } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { FileFilters, FileRecord } from '../../src/api/record-schemas.ts'
import type { Capability } from '../../src/api/schemas.ts'
import { api } from '../api.ts'
import { PageHeader } from '../components/page-header.tsx'
import { RelativeTime } from '../components/relative-time.tsx'
import { formatFileType, formatSize } from './amounts.ts'
import { EmptyList } from './empty-list.tsx'
import { FilterMenu } from './filter-menu.tsx'
import { IntegrationFilter } from './integration-filter.tsx'
import { ListFilters, SearchField } from './list-filters.tsx'
import { useListSearch } from './list-search.ts'
import classes from './record-list.module.css'
import { type ListColumn, RecordList } from './record-list.tsx'

const FILTERS = ['q', 'fileType', 'ownerId', 'integrationId']
const CAPABILITIES: readonly Capability[] = ['content']

const filtersQuery = queryOptions({
  queryKey: ['filters', 'files'],
  queryFn: ({ signal }) => api.get<FileFilters>('/files/filters', { signal }),
  staleTime: 60_000,
})

const columns: readonly ListColumn<FileRecord>[] = [
  { header: 'Name', sort: { by: 'title', first: 'ascending' }, cell: (file) => <FileLink file={file} /> },
  { header: 'Type', width: '120px', cell: (file) => formatFileType(file.fileType) },
  {
    header: 'Size',
    width: '100px',
    align: 'end',
    sort: { by: 'sizeBytes', first: 'descending' },
    cell: (file) => formatSize(file.sizeBytes),
  },
  { header: 'Library', width: '18%', cell: (file) => file.folder?.name },
  { header: 'Owner', width: '160px', cell: (file) => file.owner?.name },
  {
    header: 'Created',
    width: '112px',
    sort: { by: 'createdAt', first: 'descending' },
    cell: (file) => <RelativeTime iso={file.createdAt} />,
  },
  {
    header: 'Changed',
    width: '112px',
    sort: { by: 'updatedAt', first: 'descending' },
    cell: (file) => <RelativeTime iso={file.updatedAt} />,
  },
]

/** Records → Files: what there is, how large and whose; each opens in Salesforce, where the file itself is. */
export default function FilesPage() {
  const search = useListSearch()
  const { data: choices } = useQuery(filtersQuery)
  const sort = search.one('sort') ?? '-updatedAt'
  return (
    <div className={classes.page}>
      <PageHeader title="Files" />
      <ListFilters search={search} names={FILTERS}>
        <SearchField search={search} label="Search files" />
        <FilterMenu
          label="Type"
          several
          options={(choices?.fileTypes ?? []).map((value) => ({
            value,
            label: formatFileType(value) ?? value,
            hint: value,
          }))}
          value={search.many('fileType')}
          onChange={(fileType) => search.set({ fileType })}
        />
        <FilterMenu
          label="Owner"
          options={(choices?.owners ?? []).map(({ id, name }) => ({ value: id, label: name ?? id }))}
          value={search.many('ownerId')}
          onChange={(ownerId) => search.set({ ownerId })}
        />
        <IntegrationFilter search={search} capabilities={CAPABILITIES} />
      </ListFilters>
      <RecordList<FileRecord>
        noun="file"
        capabilities={CAPABILITIES}
        path="/files"
        query={{
          q: search.one('q'),
          fileType: search.many('fileType'),
          ownerId: search.one('ownerId'),
          integrationId: search.one('integrationId'),
          sort,
        }}
        columns={columns}
        card={(file) => <FileCard file={file} />}
        sort={sort}
        onSort={(next) => search.set({ sort: next })}
        empty={
          <EmptyList
            icon={<IconFiles size={40} stroke={1.4} />}
            nouns="files"
            object={{ name: 'ContentDocument', plural: 'files' }}
            capabilities={CAPABILITIES}
            search={search}
            filters={FILTERS}
          />
        }
      />
    </div>
  )
}

function FileCard({ file }: { file: FileRecord }) {
  return (
    <>
      <Text fw={500} style={{ overflowWrap: 'anywhere' }}>
        <FileLink file={file} />
      </Text>
      <Group gap={8} c="dimmed" fz="xs" wrap="nowrap">
        <span style={{ whiteSpace: 'nowrap' }}>{formatSize(file.sizeBytes)}</span>
        <Text span inherit truncate>
          {[formatFileType(file.fileType), file.owner?.name].filter(Boolean).join(' · ')}
        </Text>
        <span style={{ marginInlineStart: 'auto', whiteSpace: 'nowrap' }}>
          <RelativeTime iso={file.updatedAt} />
        </span>
      </Group>
    </>
  )
}

function FileLink({ file }: { file: FileRecord }) {
  const title = file.title || file.fileName || 'No name'
  const name =
    file.extension && !title.toLowerCase().endsWith(`.${file.extension.toLowerCase()}`)
      ? `${title}.${file.extension}`
      : title
  const content = (
    <>
      <IconFile size={15} className={classes.rowIcon} aria-hidden />
      {name}
    </>
  )
  if (file.remoteUrl === null) return <span>{content}</span>
  return (
    <a
      href={file.remoteUrl}
      target="_blank"
      rel="noopener noreferrer"
      className={classes.rowLink}
      data-row-link
      title="Opens in Salesforce"
    >
      {content}
      <IconExternalLink size={13} className={classes.outIcon} aria-hidden />
    </a>
  )
}
