"""What is refused of analyzers, in schemas and when one is run."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError, ParameterInvalid


class MatchNeedsAnalyzer(ParameterInvalid):
    template = (
        "field {field} which has enable_match or is input of BM25 function must also enable_analyzer: invalid parameter"
    )


class MultiAnalyzerMatch(ParameterInvalid):
    template = "multi analyzer now only support for bm25, but now field {field} enable match: invalid parameter"


class MultiAnalyzerBeside(ParameterInvalid):
    template = "field {field} analyzer params should be none if has multi analyzer params: invalid parameter"


class MultiAnalyzerWithoutField(ParameterInvalid):
    template = "multi analyzer params now must set by_field to specify with field decide analyzer: invalid parameter"


class MultiAnalyzerFieldNotText(ParameterInvalid):
    template = "multi analyzer params by_field must be string but now: {value}: invalid parameter"


class MultiAnalyzerFieldType(ParameterInvalid):
    template = (
        "multi analyzer params now only support by string field, but field {field} is not string: invalid parameter"
    )


class MultiAnalyzerFieldNotFound(ParameterInvalid):
    template = "multi analyzer dependent field {field} not exist in collection {collection}: invalid parameter"


class MultiAnalyzerAlias(ParameterInvalid):
    template = "multi analyzer alias must be string map but now: {value}: invalid parameter"


class MultiAnalyzerWithoutAnalyzers(ParameterInvalid):
    template = "multi analyzer params must set analyzers : invalid parameter"


class MultiAnalyzersUnreadable(ParameterInvalid):
    template = "unmarshal analyzers failed: {problem}: invalid parameter"


class MultiAnalyzerWithoutDefault(ParameterInvalid):
    template = "multi analyzer must set default analyzer for all unknown value: invalid parameter"


class AnalyzerInvalid(ParameterInvalid):
    """``whose`` is "field: <name>", and ", name: <name>" for one of several; Milvus names a line of its source."""

    template = (
        "validate analyzer failed for {whose}, error:  => Validate analyzer params failed: validate tokenizer failed "
        "with error: {problem} param: {params}: segcore error[segcoreCode=2001]: invalid parameter"
    )


class AnalyzerParamsUnreadable(MilvusError):
    """Without a class in Milvus, which passes Go's own complaint on."""

    template = "{problem}"


class AnalyzerRefused(MilvusError):
    """What RunAnalyzer answers where AnalyzerInvalid refuses a schema."""

    code = 2000
    template = (
        " => Tokenizer creation failed: create tokenizer failed with error: {problem} param: {params}"
        ": segcore error[segcoreCode=2001]"
    )


class AnalyzerParamsBesideField(ParameterInvalid):
    template = "run analyzer can't use analyzer params and (collection,field) in same time: invalid parameter"


class AnalyzedFieldMissing(ParameterInvalid):
    template = "must set field name when collection name was set: invalid parameter"


class AnalyzerNamesMismatch(ParameterInvalid):
    template = (
        "only support set one analyzer name for all text or set analyzer name for each text, but now analzer name num: "
        "{names}, text num: {texts}: invalid parameter"
    )


class AnalyzedFieldNotFound(MilvusError):
    code = 1700
    input_error = True
    template = "field not found[field={field}]"


class FieldNotAnalyzed(ParameterInvalid):
    template = (
        "analyzer runner for field {field} not exist, now only support run analyzer by field if field was bm25/minhash "
        "input field: invalid parameter"
    )
