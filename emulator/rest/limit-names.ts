/**
 * The allocations that `/limits` lists, and how large they are in an org of this kind. Names as in
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_limits.htm; sizes from its example
 * answer and salesforce-api.md 3.4, 11.2.
 */

/** Hours after which what was taken is free again; storage and the number of things that may exist never are. */
const DAY = 24
const HOUR = 1
const MONTH = 30 * 24
const STANDING = Number.POSITIVE_INFINITY

export const LIMITS = {
  ActiveScratchOrgs: { max: 6, hours: STANDING },
  AnalyticsExternalDataSizeMB: { max: 40_960, hours: DAY },
  ConcurrentAsyncGetReportInstances: { max: 200, hours: STANDING },
  ConcurrentEinsteinDataInsightsStoryCreation: { max: 5, hours: STANDING },
  ConcurrentEinsteinDiscoveryStoryCreation: { max: 2, hours: STANDING },
  ConcurrentSyncReportRuns: { max: 20, hours: STANDING },
  DailyAnalyticsDataflowJobExecutions: { max: 60, hours: DAY },
  DailyAnalyticsUploadedFilesSizeMB: { max: 51_200, hours: DAY },
  DailyApiRequests: { max: 130_000, hours: DAY },
  DailyAsyncApexExecutions: { max: 250_000, hours: DAY },
  DailyAsyncApexTests: { max: 500, hours: DAY },
  DailyBulkApiBatches: { max: 15_000, hours: DAY },
  DailyBulkV2QueryFileStorageMB: { max: 976_562, hours: DAY },
  DailyBulkV2QueryJobs: { max: 10_000, hours: DAY },
  DailyDeliveredPlatformEvents: { max: 25_000, hours: DAY },
  DailyDurableGenericStreamingApiEvents: { max: 10_000, hours: DAY },
  DailyDurableStreamingApiEvents: { max: 10_000, hours: DAY },
  DailyEinsteinDataInsightsStoryCreation: { max: 1000, hours: DAY },
  DailyEinsteinDiscoveryOptimizationJobRuns: { max: 25, hours: DAY },
  DailyEinsteinDiscoveryPredictAPICalls: { max: 50_000, hours: DAY },
  DailyEinsteinDiscoveryPredictionsByCDC: { max: 500_000, hours: DAY },
  DailyEinsteinDiscoveryStoryCreation: { max: 100, hours: DAY },
  DailyFunctionsApiCallLimit: { max: 235_000, hours: DAY },
  DailyGenericStreamingApiEvents: { max: 10_000, hours: DAY },
  DailyScratchOrgs: { max: 15, hours: DAY },
  DailyStandardVolumePlatformEvents: { max: 10_000, hours: DAY },
  DailyStreamingApiEvents: { max: 10_000, hours: DAY },
  DailyWorkflowEmails: { max: 5000, hours: DAY },
  DataStorageMB: { max: 10_240, hours: STANDING },
  DurableStreamingApiConcurrentClients: { max: 20, hours: STANDING },
  FileStorageMB: { max: 10_240, hours: STANDING },
  HourlyAsyncReportRuns: { max: 1200, hours: HOUR },
  HourlyDashboardRefreshes: { max: 200, hours: HOUR },
  HourlyDashboardResults: { max: 5000, hours: HOUR },
  HourlyDashboardStatuses: { max: 999_999_999, hours: HOUR },
  HourlyLongTermIdMapping: { max: 100_000, hours: HOUR },
  HourlyManagedContentPublicRequests: { max: 50_000, hours: HOUR },
  HourlyODataCallout: { max: 20_000, hours: HOUR },
  HourlyPublishedPlatformEvents: { max: 50_000, hours: HOUR },
  HourlyPublishedStandardVolumePlatformEvents: { max: 1000, hours: HOUR },
  HourlyShortTermIdMapping: { max: 100_000, hours: HOUR },
  HourlySyncReportRuns: { max: 500, hours: HOUR },
  HourlyTimeBasedWorkflow: { max: 1000, hours: HOUR },
  MassEmail: { max: 5000, hours: DAY },
  MonthlyEinsteinDiscoveryStoryCreation: { max: 500, hours: MONTH },
  Package2VersionCreates: { max: 6, hours: DAY },
  Package2VersionCreatesWithoutValidation: { max: 500, hours: DAY },
  PermissionSets: { max: 1500, hours: STANDING },
  PrivateConnectOutboundCalloutHourlyLimitMB: { max: 0, hours: HOUR },
  SingleEmail: { max: 5000, hours: DAY },
  StreamingApiConcurrentClients: { max: 20, hours: STANDING },
} as const satisfies Record<string, { max: number; hours: number }>

export type LimitName = keyof typeof LIMITS
