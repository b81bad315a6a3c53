"""What is refused of a search's groups and aggregations."""

from __future__ import annotations

from fakemilvus.errors.core import NODE, MilvusError, ParameterInvalid, ParameterMissing, Segcore


class GroupFieldNotFound(MilvusError):
    code = 1700
    input_error = True
    template = "groupBy field not found in schema: field not found[field={field}]"


class GroupJsonAmongMany(ParameterInvalid):
    template = "group_by with json path is not supported for multi-field group_by, field:{field}: invalid parameter"


class GroupSizeUnreadable(ParameterInvalid):
    template = "failed to parse input group size:{value}: invalid parameter"


class GroupSizeNegative(ParameterInvalid):
    template = "input group size:{value} is negative, failed to do search_groupby: invalid parameter"


class GroupSizeTooLarge(ParameterInvalid):
    template = "input group size:{value} exceeds configured max group size:{high}: invalid parameter"


class GroupsOfIterator(ParameterInvalid):
    template = "Not allowed to do groupBy when doing iteration: invalid parameter[expected=][actual=]"


class GroupsInRange(ParameterInvalid):
    template = "Not allowed to do range-search when doing search-group-by: invalid parameter[expected=][actual=]"


class GroupsOfBits(ParameterInvalid):
    template = "not support search_group_by operation based on binary vector column: invalid parameter"


class GroupFieldType(Segcore):
    template = NODE + "unsupported data type {type} for group by operator: segcore error[segcoreCode=2003]"


class GroupJsonType(Segcore):
    template = NODE + "unsupported json_type {type} for JSON group by: segcore error[segcoreCode=2003]"


class JsonCastFailed(Segcore):
    template = NODE + "failed to cast json value to {type}, wrong json data inner type: segcore error[segcoreCode=2001]"


class BucketsTooDeep(ParameterInvalid):
    template = "search_aggregation nesting exceeds max {limit} levels: invalid parameter"


class BucketsTooMany(ParameterInvalid):
    template = "number of search_aggregation result entries is too large: invalid parameter"


class BucketsWith(ParameterInvalid):
    template = "{other} cannot be used simultaneously: invalid parameter"


class BucketsOfHybrid(ParameterInvalid):
    template = "search aggregation is not supported for hybrid search: invalid parameter"


class BucketsOfIterator(ParameterInvalid):
    template = "search iterator is not supported with search_aggregation: invalid parameter"


class BucketsWithOffset(ParameterInvalid):
    template = "offset is not supported with search_aggregation: invalid parameter"


class BucketFieldsEmpty(ParameterInvalid):
    template = "group_by level has no fields: invalid parameter"


class BucketSizeNegative(ParameterInvalid):
    template = "search_aggregation {name} must be non-negative: invalid parameter"


class BucketSearchSize(ParameterInvalid):
    template = "search_aggregation search_size must be greater than or equal to size: invalid parameter"


class BucketFieldEmpty(ParameterInvalid):
    template = "field is empty: invalid parameter"


class BucketFieldNotFound(ParameterInvalid):
    template = 'field "{field}" not found in schema: invalid parameter'


class BucketFloat(ParameterInvalid):
    template = (
        'group_by field "{field}": FLOAT / DOUBLE fields are not supported with search_aggregation '
        "(BucketKeyEntry has no float variant; equality on floats is fragile): invalid parameter"
    )


class BucketFieldTwice(ParameterInvalid):
    template = 'duplicated group_by field "{field}" {where}: invalid parameter'


class BucketJson(ParameterInvalid):
    template = (
        '{usage} "{field}": JSON / dynamic fields are not yet supported with search_aggregation: invalid parameter'
    )


class BucketAliasEmpty(ParameterMissing):
    template = "metric alias cannot be empty: missing parameter"


class BucketOperator(ParameterInvalid):
    template = 'unsupported metric op "{operator}": invalid parameter'


class BucketMetricField(ParameterInvalid):
    template = "metric field_name is empty: invalid parameter"


class BucketStar(ParameterInvalid):
    template = "field_name '*' only supports count op: invalid parameter"


class BucketTopHitsNegative(ParameterInvalid):
    template = "top_hits size must be non-negative: invalid parameter"


class BucketSortEmpty(ParameterInvalid):
    template = "top_hits.sort field_name is empty: invalid parameter"


class BucketSortPath(ParameterInvalid):
    template = 'top_hits.sort JSON path is not yet supported: "{field}": invalid parameter'


class BucketOrderEmpty(ParameterInvalid):
    template = "order key is empty: invalid parameter"


class BucketOrderKey(ParameterInvalid):
    template = 'order key "{key}" is neither reserved key nor metric alias: invalid parameter'


class BucketDirection(ParameterInvalid):
    template = "direction must be asc or desc: invalid parameter"
