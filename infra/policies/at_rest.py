"""What lies somewhere is encrypted: rules of check_template.py."""

from rule import REMOVED, plant, rule
from template import pointed_at


@rule(
    plant("PagesTable Properties SSESpecification", REMOVED),
    plant("IngestDlq Properties SqsManagedSseEnabled", False),
)
def tables_and_queues_are_encrypted(template):
    """Points are worth money, and entries tell what people bought."""
    for name, table in template.of("AWS::DynamoDB::Table"):
        if table.get("SSESpecification", {}).get("SSEEnabled") is not True:
            yield "not encrypted", name
    for name, queue in template.of("AWS::SQS::Queue"):
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue:
            yield "not encrypted", name


@rule(
    plant("PrivateBucket Properties BucketEncryption", REMOVED),
    plant("PrivateBucket Properties PublicAccessBlockConfiguration BlockPublicPolicy", False),
    plant("PrivateBucket Properties LifecycleConfiguration Rules 0 ExpirationInDays", REMOVED),
    plant("PrivateBucket Properties LifecycleConfiguration Rules 0 Status", "Disabled"),
)
def buckets_are_encrypted_closed_and_forget(template):
    """Files hold what members are called and where they live: under our key, for nobody else, and not for ever."""
    for name, bucket in template.of("AWS::S3::Bucket"):
        rules = bucket.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])
        keys = {pointed_at(rule["ServerSideEncryptionByDefault"].get("KMSMasterKeyID")) for rule in rules}
        if not keys or not keys <= dict(template.of("AWS::KMS::Key")).keys():
            yield "not encrypted under a key of ours", name
        closed = bucket.get("PublicAccessBlockConfiguration", {})
        for way in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"):
            if closed.get(way) is not True:
                yield f"{way} is not set", name
        for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", [{}]):
            if rule.get("Status") != "Enabled" or not rule.get("ExpirationInDays"):
                yield "keeps something for ever", name
