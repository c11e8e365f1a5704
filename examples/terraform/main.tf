terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  log_group_prefix = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:log-group:"
}

resource "aws_cloudwatch_log_group" "forwarder" {
  name              = "/aws/lambda/${var.function_name}"
  retention_in_days = var.log_retention_in_days
}

resource "aws_lambda_function" "forwarder" {
  function_name    = var.function_name
  description      = "Forwards CloudWatch logs and the traces between them to Datadog or an OpenTelemetry backend."
  filename         = var.zip_file
  source_code_hash = filebase64sha256(var.zip_file)
  handler          = "dist/forwarder.handler"
  runtime          = "nodejs24.x"
  architectures    = ["arm64"]
  memory_size      = var.memory_size
  timeout          = var.timeout
  role             = aws_iam_role.forwarder.arn

  environment {
    variables = merge(
      {
        NODE_OPTIONS           = "--max-semi-space-size=2"
        MALLOC_ARENA_MAX       = "1"
        DD_API_KEY_SECRET_ARN  = var.api_key_secret_arn
        DD_STORE_FAILED_EVENTS = "true"
        DD_S3_BUCKET_NAME      = aws_s3_bucket.failure.id
      },
      var.variables,
    )
  }

  depends_on = [aws_cloudwatch_log_group.forwarder]
}

resource "aws_lambda_function_event_invoke_config" "forwarder" {
  function_name                = aws_lambda_function.forwarder.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.on_failure.arn
    }
  }

  depends_on = [aws_iam_role_policy.forwarder]
}

# The events that the function failed on three times.
resource "aws_sqs_queue" "on_failure" {
  name                      = "${var.function_name}-on-failure"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600
}

resource "aws_iam_role" "forwarder" {
  name = var.function_name
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "forwarder" {
  name = "forward"
  role = aws_iam_role.forwarder.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.forwarder.arn}:*"
      },
      {
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = var.api_key_secret_arn
      },
      {
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = aws_sqs_queue.on_failure.arn
      },
      {
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
        Resource = "${aws_s3_bucket.failure.arn}/failed_events/*"
      },
      {
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = aws_s3_bucket.failure.arn
        Condition = { StringLike = { "s3:prefix" = "failed_events/*" } }
      },
    ]
  })
}

# What could not be delivered exists nowhere else: Terraform destroys the bucket only when it is empty.
resource "aws_s3_bucket" "failure" {
  bucket_prefix = "${substr(var.function_name, 0, 28)}-failed-"
}

resource "aws_s3_bucket_public_access_block" "failure" {
  bucket                  = aws_s3_bucket.failure.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "failure" {
  bucket = aws_s3_bucket.failure.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "failure" {
  bucket = aws_s3_bucket.failure.id
  rule {
    id     = "expire"
    status = "Enabled"
    filter {}
    expiration {
      days = var.failed_events_retention_in_days
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "failure" {
  bucket = aws_s3_bucket.failure.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.failure.arn, "${aws_s3_bucket.failure.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_cloudwatch_event_rule" "redrive" {
  name                = "${var.function_name}-redrive"
  schedule_expression = "rate(${var.redrive_interval_in_minutes} minutes)"
}

resource "aws_cloudwatch_event_target" "redrive" {
  rule  = aws_cloudwatch_event_rule.redrive.name
  arn   = aws_lambda_function.forwarder.arn
  input = jsonencode({ retry = true })
}

resource "aws_lambda_permission" "redrive" {
  function_name = aws_lambda_function.forwarder.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.redrive.arn
}

resource "aws_lambda_permission" "logs" {
  for_each       = var.log_groups
  function_name  = aws_lambda_function.forwarder.function_name
  action         = "lambda:InvokeFunction"
  principal      = "logs.amazonaws.com"
  source_account = data.aws_caller_identity.current.account_id
  source_arn     = "${local.log_group_prefix}${each.value}:*"
}

resource "aws_cloudwatch_log_subscription_filter" "logs" {
  for_each        = var.log_groups
  name            = var.function_name
  log_group_name  = each.value
  filter_pattern  = ""
  destination_arn = aws_lambda_function.forwarder.arn
  depends_on      = [aws_lambda_permission.logs]
}
