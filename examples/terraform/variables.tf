variable "function_name" {
  description = "Name of the function"
  type        = string
  default     = "log-trace-forwarder"
}

variable "zip_file" {
  description = "dist/forwarder.zip, as `npm run build` makes it"
  type        = string
}

variable "api_key_secret_arn" {
  description = "Complete ARN of a Secrets Manager secret: the Datadog API key, or JSON with a DD_API_KEY field"
  type        = string
}

variable "log_groups" {
  description = "Names of the log groups to forward; they must exist"
  type        = set(string)
  default     = []
}

variable "variables" {
  description = "Settings, as in docs/settings.md: { DD_SITE = \"datadoghq.eu\", DD_TAGS = \"env:prod\" }"
  type        = map(string)
  default     = {}
}

variable "memory_size" {
  description = "MB"
  type        = number
  default     = 1024
}

variable "timeout" {
  description = "Seconds"
  type        = number
  default     = 120
}

variable "log_retention_in_days" {
  description = "Of the forwarder's own log"
  type        = number
  default     = 90
}

variable "failed_events_retention_in_days" {
  description = "What could not be sent in that time is deleted"
  type        = number
  default     = 90
}

variable "redrive_interval_in_minutes" {
  description = "How often what is stored is sent again; at least 2"
  type        = number
  default     = 10
}
