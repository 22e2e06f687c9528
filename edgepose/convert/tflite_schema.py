"""The part of TensorFlow Lite's file format that our models use: tables, field numbers, codes.

Source: tensorflow/lite/schema/schema.fbs, schema version 3. Field numbers and codes never change there; new ones
are added behind.
"""

SCHEMA_VERSION = 3
IDENTIFIER = b"TFL3"

#: {table: {field: (number, type, default)}}; a type is that of a number in `flatbuffer`, "table", "tables", "string",
#: or a vector's dtype.
TABLES = {
    "Model": {"Version": (0, "Uint32", 0), "OperatorCodes": (1, "tables", 0), "Subgraphs": (2, "tables", 0),
              "Description": (3, "string", 0), "Buffers": (4, "tables", 0)},
    "OperatorCode": {"DeprecatedBuiltinCode": (0, "Int8", 0), "Version": (2, "Int32", 1),
                     "BuiltinCode": (3, "Int32", 0)},
    "SubGraph": {"Tensors": (0, "tables", 0), "Inputs": (1, "<i4", 0), "Outputs": (2, "<i4", 0),
                 "Operators": (3, "tables", 0), "Name": (4, "string", 0)},
    "Buffer": {"Data": (0, "|u1", 0)},
    "Tensor": {"Shape": (0, "<i4", 0), "Type": (1, "Int8", 0), "Buffer": (2, "Uint32", 0), "Name": (3, "string", 0),
               "Quantization": (4, "table", 0)},
    "QuantizationParameters": {"Scale": (2, "<f4", 0), "ZeroPoint": (3, "<i8", 0),
                               "QuantizedDimension": (6, "Int32", 0)},
    "Operator": {"OpcodeIndex": (0, "Uint32", 0), "Inputs": (1, "<i4", 0), "Outputs": (2, "<i4", 0),
                 "BuiltinOptionsType": (3, "Uint8", 0), "BuiltinOptions": (4, "table", 0)},
    "Conv2DOptions": {"Padding": (0, "Int8", 0), "StrideW": (1, "Int32", 0), "StrideH": (2, "Int32", 0),
                      "FusedActivationFunction": (3, "Int8", 0), "DilationWFactor": (4, "Int32", 1),
                      "DilationHFactor": (5, "Int32", 1)},
    "DepthwiseConv2DOptions": {"Padding": (0, "Int8", 0), "StrideW": (1, "Int32", 0), "StrideH": (2, "Int32", 0),
                               "DepthMultiplier": (3, "Int32", 0), "FusedActivationFunction": (4, "Int8", 0),
                               "DilationWFactor": (5, "Int32", 1), "DilationHFactor": (6, "Int32", 1)},
    "AddOptions": {"FusedActivationFunction": (0, "Int8", 0)},
    "ResizeBilinearOptions": {"AlignCorners": (2, "Bool", 0), "HalfPixelCenters": (3, "Bool", 0)},
    "ConcatenationOptions": {"Axis": (0, "Int32", 0), "FusedActivationFunction": (1, "Int8", 0)},
    "QuantizeOptions": {},
    "PadOptions": {},
}

#: {operator: (builtin code, options table or None)}
OPERATORS = {
    "ADD": (0, "AddOptions"),
    "CONCATENATION": (2, "ConcatenationOptions"),
    "CONV_2D": (3, "Conv2DOptions"),
    "DEPTHWISE_CONV_2D": (4, "DepthwiseConv2DOptions"),
    "RESIZE_BILINEAR": (23, "ResizeBilinearOptions"),
    "PAD": (34, "PadOptions"),
    "ELU": (111, None),
    "QUANTIZE": (114, "QuantizeOptions"),
}

#: Codes of the options tables in their union.
OPTIONS = {"Conv2DOptions": 1, "DepthwiseConv2DOptions": 2, "ConcatenationOptions": 10, "AddOptions": 11,
           "ResizeBilinearOptions": 15, "PadOptions": 22, "QuantizeOptions": 89}

TYPES = {"float32": 0, "int32": 2, "uint8": 3, "int8": 9}
PADDING = {"same": 0, "valid": 1}
ACTIVATION = {"none": 0, "relu": 1, "relu6": 3}
