/** Knowledge articles: versions in several languages, drafts, what is online, and what was before. */

import { DAY } from './calendar.ts'
import type { Company } from './company.ts'
import { pick } from './draw.ts'
import { idOfSlot, slotOfId } from './ids.ts'
import { stepTime } from './layers.ts'
import type { DataCategoryGroup } from './model.ts'
import type { People } from './people.ts'
import type { Column, Seeded } from './table.ts'
import { guides, headings, LANGUAGES, type Language, modelsByCategory } from './words-articles.ts'

const ARTICLES = 80
const FIRST_ARTICLE_NUMBER = 1000

interface Version {
  readonly article: number
  readonly language: Language
  readonly number: number
  readonly status: 'Draft' | 'Online' | 'Archived'
  readonly createdAt: number
  readonly publishedAt: number | null
  readonly archivedAt: number | null
  readonly changedAt: number
}

/** The article's number as Salesforce shows it. */
export const articleNumber = (article: number) => String(FIRST_ARTICLE_NUMBER + article).padStart(9, '0')

const labelOf = (name: string) => name.replaceAll('_', ' ')

const categoryGroup = (name: string, categories: readonly string[]): DataCategoryGroup => ({
  name,
  label: name,
  // Lightning Knowledge's groups are asked for by this name (salesforce-api.md 10.1).
  objectUsage: 'KnowledgeArticleVersion',
  topCategories: [
    {
      name: 'All',
      label: 'All',
      children: [...new Set(categories)]
        .toSorted()
        .map((category) => ({ name: category, label: labelOf(category), children: [] })),
    },
  ],
})

/** The categories that articles are put in: one of a product, some also one of a topic. */
export const dataCategoryGroups: readonly DataCategoryGroup[] = [
  categoryGroup(
    'Products',
    guides.map(({ category }) => category),
  ),
  categoryGroup(
    'Topics',
    guides.map(({ topic }) => topic),
  ),
]

const slug = (text: string) =>
  text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** The company's knowledge base. */
export function createArticles(company: Company, people: People): { readonly [objectName: string]: Seeded } {
  const { draw, anchor } = company
  const traits = draw('Article')
  const steps = company.steps('Article', ARTICLES + 2)
  const startedAt = (article: number) => stepTime(steps, article)
  const second = (at: number) => Math.floor(at / 1000) * 1000

  /** The versions of an article in one language, oldest first. */
  function versionsOf(article: number, language: Language): readonly Version[] {
    const drawn = traits(article)
    const neverPublished = drawn % 13 === 5
    const retired = drawn % 11 === 3
    const count = 1 + ((drawn >>> 6) % 3)
    const behind = (LANGUAGES.indexOf(language) * 9 + 1) * DAY
    const found: Version[] = []
    for (let n = 0; n < count; n++) {
      const createdAt = second(startedAt(article) + behind + n * (50 + (drawn % 90)) * DAY)
      const publishedAt = createdAt + 3 * DAY
      if (publishedAt >= anchor) break
      const last: Version = {
        article,
        language,
        number: n + 1,
        status: 'Online',
        createdAt,
        publishedAt,
        archivedAt: null,
        changedAt: publishedAt,
      }
      if (neverPublished) return [{ ...last, status: 'Draft', publishedAt: null, changedAt: createdAt + DAY }]
      const before = found.pop()
      if (before) found.push({ ...before, status: 'Archived', archivedAt: publishedAt, changedAt: publishedAt })
      found.push(last)
    }
    const newest = found.at(-1)
    if (!newest?.publishedAt) return found
    const retiredAt = newest.publishedAt + 60 * DAY
    if (retired && retiredAt < anchor) {
      return [...found.slice(0, -1), { ...newest, status: 'Archived', archivedAt: retiredAt, changedAt: retiredAt }]
    }
    const draftedAt = newest.publishedAt + 20 * DAY
    const drafted = drawn % 6 === 1 && language === 'en_US' && draftedAt < anchor
    const draft: Version = {
      ...newest,
      number: newest.number + 1,
      status: 'Draft',
      createdAt: draftedAt,
      publishedAt: null,
      changedAt: draftedAt,
    }
    return drafted ? [...found, draft] : found
  }

  const languagesOf = (article: number) =>
    LANGUAGES.filter(
      (language) =>
        language === 'en_US' || traits(article) % (language === 'de' ? 10 : 5) < (language === 'de' ? 7 : 2),
    )
  const versions = Array.from({ length: ARTICLES }, (_, article) =>
    languagesOf(article).flatMap((language) => versionsOf(article, language)),
  )
    .flat()
    .sort((a, b) => a.createdAt - b.createdAt)
  // An article whose first version would lie past the anchor isn't there yet; articles are numbered without gaps.
  const started = Math.max(0, ...versions.map(({ article }) => article + 1))

  const at = (slot: number): Version => {
    const version = versions[slot]
    if (!version) throw new Error(`There is no article version in slot ${slot}`)
    return version
  }
  const guideOf = (article: number) => pick(guides, article)
  const modelOf = (article: number) =>
    pick(modelsByCategory[guideOf(article).category] ?? ['Bridge 2'], Math.floor(article / guides.length))
  const wordsOf = ({ article, language }: Version) => guideOf(article).words[language]
  const named = (text: string, { article }: Version) => text.replaceAll('{model}', modelOf(article))
  const titleOf = (version: Version) => {
    const round = Math.floor(
      version.article / guides.length / (modelsByCategory[guideOf(version.article).category]?.length ?? 1),
    )
    return `${named(wordsOf(version).title, version)}${round > 0 ? ` (${round + 1})` : ''}`
  }
  function body(version: Version): string {
    const { summary, steps: instructions } = wordsOf(version)
    const { what, how, still, contact } = headings[version.language]
    const list = instructions.map((step) => `<li>${step}</li>`).join('')
    return `<h2>${what}</h2><p>${named(summary, version)}</p><h2>${how}</h2><ol>${list}</ol><table><tbody><tr><th>${modelOf(version.article)}</th><td>v${version.number}.0</td></tr></tbody></table><h3>${still}</h3><p>${contact}</p><p><a href="https://www.sunstead.practice.example/support?article=${articleNumber(version.article)}&amp;lang=${version.language}">sunstead.practice.example</a></p>`
  }
  const author = (version: Version) => pick(people.writers, traits(version.article))
  const slotsOf = new Map<number, number[]>()
  for (const [slot, { article }] of versions.entries()) slotsOf.set(article, [...(slotsOf.get(article) ?? []), slot])
  const ofArticle = (article: number) => (slotsOf.get(article) ?? []).map(at)
  const firstPublished = (article: number) =>
    ofArticle(article).reduce<number | null>(
      (first, { publishedAt }) =>
        publishedAt !== null && (first === null || publishedAt < first) ? publishedAt : first,
      null,
    )
  const masterOf = ({ article, number, language }: Version): string | null => {
    if (language === 'en_US') return null
    const slot = (slotsOf.get(article) ?? []).find(
      (other) => at(other).language === 'en_US' && at(other).number === number,
    )
    return slot === undefined ? null : idOfSlot('ka0', slot)
  }
  const columns = (of: { readonly [field: string]: (version: Version) => ReturnType<Column> }) =>
    Object.fromEntries(Object.entries(of).map(([name, column]): [string, Column] => [name, (slot) => column(at(slot))]))

  const Knowledge__kav: Seeded = {
    slots: versions.length,
    createdAt: (slot) => at(slot).createdAt,
    children: {
      KnowledgeArticleId: (parentId) => slotsOf.get(slotOfId('kA0', parentId)) ?? [],
    },
    columns: columns({
      KnowledgeArticleId: ({ article }) => idOfSlot('kA0', article),
      OwnerId: (version) => author(version).id,
      ValidationStatus: ({ status }) => (status === 'Draft' ? 'Not Validated' : 'Validated'),
      PublishStatus: ({ status }) => status,
      VersionNumber: ({ number }) => number,
      IsLatestVersion: ({ status }) => status !== 'Archived',
      IsVisibleInApp: () => true,
      IsVisibleInPkb: ({ article }) => traits(article) % 4 !== 0,
      IsVisibleInCsp: ({ article }) => traits(article) % 3 !== 0,
      IsVisibleInPrm: () => true,
      CreatedDate: ({ createdAt }) => createdAt,
      CreatedById: (version) => author(version).id,
      LastModifiedDate: ({ changedAt }) => changedAt,
      LastModifiedById: (version) => author(version).id,
      SystemModstamp: ({ changedAt }) => changedAt,
      Language: ({ language }) => language,
      Title: titleOf,
      UrlName: (version) => `${slug(titleOf(version))}-${version.language.toLowerCase().replace('_', '-')}`,
      ArticleNumber: ({ article }) => articleNumber(article),
      FirstPublishedDate: ({ article, publishedAt }) => (publishedAt === null ? null : firstPublished(article)),
      LastPublishedDate: ({ publishedAt }) => publishedAt,
      ArchivedById: (version) => (version.archivedAt === null ? null : author(version).id),
      ArchivedDate: ({ archivedAt }) => archivedAt,
      Summary: (version) => named(wordsOf(version).summary, version),
      ArticleCaseAttachCount: ({ article }) => traits(article) % 40,
      ArticleCreatedDate: ({ article }) => startedAt(article),
      ArticleTotalViewCount: ({ article }) => traits(article) % 2400,
      ArticleMasterLanguage: () => 'en_US',
      IsMasterLanguage: ({ language }) => language === 'en_US',
      MasterVersionId: masterOf,
      RecordTypeId: () => people.recordTypeId('How_to'),
      Body__c: body,
      Internal_Notes__c: ({ article }) =>
        traits(article) % 5 === 0 ? '<p>Reviewed with <b>Firmware</b>, ask Ravi.</p>' : null,
      Audience__c: ({ article }) => pick(['Customer', 'Customer', 'Installer', 'Internal'], traits(article) >>> 4),
    }),
  }

  const articleStamp = (article: number) =>
    Math.max(startedAt(article), ...ofArticle(article).map(({ changedAt }) => changedAt))
  const Knowledge__ka: Seeded = {
    slots: started,
    createdAt: startedAt,
    columns: {
      CreatedDate: startedAt,
      CreatedById: (article) => pick(people.writers, traits(article)).id,
      LastModifiedDate: articleStamp,
      LastModifiedById: (article) => pick(people.writers, traits(article)).id,
      SystemModstamp: articleStamp,
      ArticleNumber: articleNumber,
      MasterLanguage: () => 'en_US',
      FirstPublishedDate: firstPublished,
      LastPublishedDate: (article) =>
        ofArticle(article).reduce<number | null>(
          (last, { publishedAt }) => (publishedAt !== null && publishedAt > (last ?? 0) ? publishedAt : last),
          null,
        ),
      CaseAssociationCount: (article) => traits(article) % 40,
    },
  }

  // Each version has a product category, some also a topic.
  const versionOf = (slot: number) => at(Math.floor(slot / 2))
  const Knowledge__DataCategorySelection: Seeded = {
    slots: versions.length * 2,
    exists: (slot) => slot % 2 === 0 || traits(versionOf(slot).article) % 3 === 0,
    createdAt: (slot) => versionOf(slot).createdAt,
    children: {
      ParentId(parentId) {
        const slot = slotOfId('ka0', parentId)
        return slot < 0 || slot >= versions.length ? [] : [slot * 2, slot * 2 + 1]
      },
    },
    columns: {
      ParentId: (slot) => idOfSlot('ka0', Math.floor(slot / 2)),
      DataCategoryGroupName: (slot) => (slot % 2 === 0 ? 'Products' : 'Topics'),
      DataCategoryName: (slot) => guideOf(versionOf(slot).article)[slot % 2 === 0 ? 'category' : 'topic'],
      CreatedDate: (slot) => versionOf(slot).createdAt,
      CreatedById: (slot) => author(versionOf(slot)).id,
      SystemModstamp: (slot) => versionOf(slot).createdAt,
    },
  }

  return { Knowledge__ka, Knowledge__kav, Knowledge__DataCategorySelection }
}
