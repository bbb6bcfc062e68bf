"""The common sample (sample.rs) in Python: the same calls on boto3, and a loop over the Lambda Runtime API."""

import http.client
import json
import os

import boto3

dynamodb, sqs = boto3.client("dynamodb"), boto3.client("sqs")


def earn(request):
    event = json.loads(request["body"])
    order, member = event["id"], event["subject"]
    points = sum(line["amount_minor"] for line in event["data"]["lines"]) // 100

    # Whoever repeats a request is told what was answered first.
    dynamodb.put_item(
        TableName="peer-requests",
        Item={"id": {"S": order}, "status": {"S": "in progress"}},
        ConditionExpression="attribute_not_exists(id)",
    )
    dynamodb.put_item(
        TableName="peer-entries",
        Item={
            "member": {"S": member},
            "operation": {"S": f"{event['time']}#{order}"},
            "type": {"S": "earn"},
            "points": {"N": str(points)},
            "order": {"S": json.dumps(event["data"])},
        },
    )
    updated = dynamodb.update_item(
        TableName="peer-balances",
        Key={"member": {"S": member}},
        UpdateExpression="ADD points :points",
        ExpressionAttributeValues={":points": {"N": str(points)}},
        ReturnValues="UPDATED_NEW",
    )
    answer = json.dumps({"member": member, "points": points, "balance": updated["Attributes"]["points"]["N"]})
    sqs.send_message(QueueUrl="https://localhost/peer", MessageBody=answer)
    dynamodb.put_item(
        TableName="peer-requests",
        Item={"id": {"S": order}, "status": {"S": "done"}, "answer": {"S": answer}},
    )
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": answer}


def main():
    runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    while True:
        runtime.request("GET", "/2018-06-01/runtime/invocation/next")
        response = runtime.getresponse()
        identifier, event = response.headers["Lambda-Runtime-Aws-Request-Id"], response.read()
        answer = json.dumps(earn(json.loads(event)))
        runtime.request("POST", f"/2018-06-01/runtime/invocation/{identifier}/response", answer)
        runtime.getresponse().read()


main()
