"""What is refused of rankers and boosts."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError, ParameterInvalid, ParameterMissing


class RankStrategyUnknown(ParameterInvalid):
    template = "rerank_builder: unsupported rank type {strategy}: invalid parameter: invalid parameter"


class RankParamType(ParameterInvalid):
    template = "rerank_builder: the type of rank param {name} should be {type}: invalid parameter: invalid parameter"


class RankParamsUnreadable(ParameterInvalid):
    template = "rerank_builder: parse rerank params failed: {problem}: invalid parameter: invalid parameter"


class RankerMissing(ParameterMissing):
    template = "rerank_builder: reranker name not specified: missing parameter"


class RankersMany(ParameterInvalid):
    template = "rerank_builder: currently only supports one rerank function: invalid parameter"


class RankerUnknown(ParameterInvalid):
    template = "rerank_builder: unsupported reranker {name}: invalid parameter"


class RankNotNumber(ParameterInvalid):
    template = "{value} is not a number: invalid parameter"


class RankKOutOfRange(ParameterInvalid):
    template = "The rank params k should be in range (0, 16384): invalid parameter"


class RankWeightsMissing(ParameterInvalid):
    template = "rerank_builder: weighted reranker requires weights parameter: invalid parameter"


class RankWeightsUnreadable(ParameterInvalid):
    template = "failed to parse weights: {problem}: invalid parameter"


class RankWeightOutOfRange(ParameterInvalid):
    template = "rank param weight should be in range [0, 1]: invalid parameter"


class RankWeightCount(ParameterInvalid):
    template = (
        "the length of weights param mismatch with ann search requests"
        ": invalid parameter[expected={expected}][actual={actual}]"
    )


class RankNormUnreadable(ParameterInvalid):
    template = 'failed to parse norm_score: strconv.ParseBool: parsing "{value}": invalid syntax: invalid parameter'


class DecayParamMissing(ParameterMissing):
    template = "decay {name} not specified: missing parameter"


class DecayParamNotNumber(ParameterInvalid):
    template = "decay param {name}: {value} is not a number: invalid parameter"


class DecayMode(ParameterInvalid):
    template = "unsupported score_mode: {mode}, only supports [max, sum, avg]: invalid parameter"


class DecayInputs(ParameterInvalid):
    template = "rerank_builder: decay reranker requires exactly 1 input field, got {count}: invalid parameter"


class DecayFieldType(ParameterInvalid):
    template = "rerank_builder: decay input field {field} must be numeric, got {type}: invalid parameter"


class DecayFieldNotFound(ParameterInvalid):
    template = "rerank_builder: input field {field} not found in collection schema: invalid parameter"


class DecayFieldUnreadable(MilvusError):
    """A field whose values Milvus does not hand to its rankers at all."""

    code = 5
    template = "unsupported field type: {type}: service internal error"


class ModelInputs(ParameterInvalid):
    template = "rerank_builder: model reranker requires exactly 1 input field, got {count}: invalid parameter"


class ModelFieldType(ParameterInvalid):
    template = "rerank_builder: model input field {field} must be VarChar, got {type}: invalid parameter"


class ModelQueriesMissing(ParameterInvalid):
    template = "rerank_builder: rerank function missing required param: queries: invalid parameter"


class ModelQueriesUnreadable(ParameterInvalid):
    template = "rerank_builder: parse rerank params [queries] failed: {problem}: invalid parameter"


class ModelQueriesEmpty(ParameterMissing):
    template = "rerank_builder: rerank queries must not be empty: missing parameter"


class ModelQueryCount(ParameterInvalid):
    template = "Map failed: rerank_model: queries count ({queries}) != nq count ({vectors}): invalid parameter"


class ModelProviderMissing(ParameterInvalid):
    template = "rerank_builder: lost rerank params:provider : invalid parameter: invalid parameter"


class ModelProviderUnknown(ParameterInvalid):
    template = "rerank_builder: unknown rerank model provider:{provider}: invalid parameter: invalid parameter"


class ModelKeyMissing(ParameterInvalid):
    template = (
        "rerank_builder: missing credentials {config} or configure the {key} environment variable"
        " in the Milvus service: invalid parameter: invalid parameter"
    )


class ModelNameMissing(ParameterInvalid):
    template = "rerank_builder: {provider} rerank model name is required: missing parameter: invalid parameter"


class ModelParamNotNumber(ParameterInvalid):
    template = (
        "rerank_builder: [{name} param's value: {value}] is not a valid number: invalid parameter: invalid parameter"
    )


class ModelBatchNotPositive(ParameterInvalid):
    template = (
        "rerank_builder: [max_client_batch_size param's value: {value}] must be greater than 0"
        ": invalid parameter: invalid parameter"
    )


class ModelTokens(ParameterInvalid):
    template = (
        "rerank_builder: Rerank params error, truncate_prompt_tokens: {value} is not a number"
        ": invalid parameter: invalid parameter"
    )


class ModelTruncate(ParameterInvalid):
    template = (
        "rerank_builder: Rerank params error, truncate: {value} is not bool type: invalid parameter: invalid parameter"
    )


class ModelTruncation(ParameterInvalid):
    template = (
        "rerank_builder: [truncation param's value: {value}] is invalid, only supports: [true/false]"
        ": invalid parameter: invalid parameter"
    )


class ModelTruncationSide(ParameterInvalid):
    template = (
        "rerank_builder: [truncation_direction param's value: {value}] is not invalid, only supports [Left/Right]"
        ": invalid parameter: invalid parameter"
    )


class ModelEndpointMissing(ParameterInvalid):
    template = "rerank_builder: rerank function lost params endpoint: invalid parameter: invalid parameter"


class ModelEndpoint(ParameterInvalid):
    template = "Map failed: endpoint: [{endpoint}] is not a valid http/https link: invalid parameter"


class BoostFilterInvalid(ParameterInvalid):
    template = "failed to create query plan: parse expr failed: {reason}: query plan failed: invalid parameter"


class BoostWeightMissing(ParameterInvalid):
    template = (
        "failed to create query plan: must set weight params for weight scorer: query plan failed: invalid parameter"
    )


class BoostWeightUnreadable(ParameterInvalid):
    template = (
        "failed to create query plan: parse function scorer weight params failed: strconv.ParseFloat: "
        'parsing "{value}": invalid syntax: query plan failed: invalid parameter'
    )


class BoostChanceUnreadable(ParameterInvalid):
    template = "failed to create query plan: {problem}: invalid parameter"


class BoostSeed(ParameterInvalid):
    template = "failed to create query plan: random seed must be number: invalid parameter: invalid parameter"


class BoostFieldName(ParameterInvalid):
    template = (
        "failed to create query plan: random seed field name must be string: invalid parameter: invalid parameter"
    )


class BoostFieldNotFound(ParameterInvalid):
    template = (
        "failed to create query plan: random seed field not found: field not found[field={field}]: invalid parameter"
    )


class BoostFieldType(ParameterInvalid):
    template = (
        "failed to create query plan: only support int64 field as random seed, but got {type}"
        ": invalid parameter: invalid parameter"
    )


class BoostMode(ParameterInvalid):
    template = "failed to create query plan: unknown {kind} mode: {mode}: invalid parameter: invalid parameter"


class BoostOfGroups(ParameterInvalid):
    template = (
        "failed to create query plan: don't support use segment scorer with group_by or search_iterator"
        ": query plan failed: invalid parameter"
    )


class DecayParamInvalid(ParameterInvalid):
    template = "rerank_builder: decay: {problem}: invalid parameter: invalid parameter"
